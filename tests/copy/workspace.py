"""What the workspace says."""

from tests.copy.message import Message

ACTIVE_FILTERS = "Active filters"
ACTIVITY_FOR_NAME = Message("Activity for %(name)s")
AFTER_DELAYS = Message("after %(delays)s")
ALL_INTEGRATIONS_REPORTED_BY_KOMBO = "All integrations reported by Kombo are mapped."
APPLY = "Apply"
AUDIT_LOG = "Audit log"
AVAILABILITY = "Availability"
A_CHECK_IS_ALREADY_RUNNING = "A check is already running."
A_FEATURE_WITH_THIS_NAME = "A feature with this name already exists."
A_SYNC_IS_ALREADY_QUEUED = "A sync is already queued."
BACK_TO_THE_WORKSPACE = "Back to the workspace"
BETA = "Beta"
CAN_NOT_BE_UNDONE = "This can’t be undone any more."
CHECKED_DONE_OF_TOTAL = Message("Checked: %(done)s of %(total)s.")
CHECK_COMPLETE = "Check complete."
CHECK_NOW = "Check now"
CHOOSE_A_PICTURE = Message(
    "Choose a PNG or SVG file of up to %(n)s KB, without scripts or external content."
)
CHOOSE_AN_ACCOUNT_MANAGER = "Choose an account manager."
CHOOSE_AN_ACTION = "Choose an action."
CHOOSE_A_DATE = "Choose a date."
CREATE_A_GUEST_LINK = "Create a guest link"
CLEAR_SELECTION = "Clear selection"
COMPACT_ROWS = "Compact rows"
CREATE_CUSTOMER = "Create customer"
CUSTOMER_NOT_NOTIFIED = "Customer not notified"
CUSTOMER_OPTED_OUT = "Customer opted out"
CUSTOMER_VIEW_2 = "Customer view"
DISMISS = "Dismiss"
DOES_NOT_WORK = "Doesn’t work"
DURATION = "Duration"
ENTER_AN_ADDRESS = "Enter an address that begins with https:// or http://."
ENTER_A_COLOR = "Enter a color such as #3b4fd8: # and six digits or letters from a to f."
ENTER_A_NAME_FOR_THE_VIEW = "Enter a name for the view."
FAILED_AFTER_N_ATTEMPTS_ERROR = Message("Failed after %(n)s attempts: %(error)s")
FIND = "Find"
GUEST_LINK_HIDDEN = "[guest link hidden]"
HIDDEN = "Hidden"
HIDDEN_UNTIL_THE_MAPPING_IS_CONFIRMED = "Hidden until the mapping is confirmed"
INACTIVE = "Inactive"
IT_FAILED_AGAIN_IT_WILL = "It failed again. It will be retried automatically."
KEYBOARD_SHORTCUTS = "Keyboard shortcuts"
KOMBO_COULD_NOT_COMPLETE = "Kombo couldn’t complete the request. Try again in a moment."
KOMBO_DID_NOT_RESPOND = "Kombo didn’t respond."
KOMBO_RATE_LIMIT_IS_REACHED = "Kombo’s rate limit is reached. The check runs as soon as possible."
KOMBO_RETURNED_NO_ORIGIN_ID = "Kombo returned no origin ID, so a customer can’t be created."
LAST_30_DAYS = "Last 30 days"
LAST_SYNC = "Last sync"
MAP = "Map"
MAP_TO_NAME = Message("Map to %(name)s")
MORE = "More"
NAME_INACTIVE = Message("%(name)s (inactive)")
NEW_NOTE = "New note"
NOTE_SAVED = "Note saved."
NOTHING_NEEDS_ATTENTION = "Nothing needs attention right now."
NOTHING_TO_SHOW_YET = "Nothing to show yet"
NOTHING_CONNECTED = "Nothing connected"
NOT_AVAILABLE_KOMBO_GIVES_NO_REASON = "Not available; Kombo gives no reason"
NOT_A_VALID_DATA_POINT_NAME = Message("Not a valid data point: %(name)s")
NOT_CHECKED_YET = "Not checked yet"
NOT_FINISHED = "not finished"
NOT_LISTED = "Not listed"
NOT_LISTED_FOR_TOOL = Message("Not listed for %(tool)s")
NOT_PROVIDED_BY_ANY_CONNECTED_TOOL = "Not provided by any connected tool"
NOT_SAVED_CHECK_THE_FIELDS = "Not saved. Check the fields below."
NOT_REQUESTED = "Not requested"
NOT_REQUESTED_BY_VENDOR = Message("Not requested by %(vendor)s")
NOT_SUPPORTED = "Not supported"
NOT_SUPPORTED_BY_TOOL = Message("Not supported by %(tool)s")
NOT_YET = "Not yet"
NO_ACTIVITY_YET = "No activity yet."
NO_CONTACT = "No contact"
NO_CUSTOMER_HAS_THE_ORIGIN = Message("No customer has the origin ID “%(id)s”.")
NO_EMAILS_YET = "No emails yet."
NO_FAILED_EVENTS = "No failed webhooks."
NO_FEATURES_YET = "No features yet"
NO_FIELD_MATCHES_QUERY = Message("No field matches “%(query)s”")
NO_MAIL_SERVER_IS_CONFIGURED = "No mail server is configured, so no emails are sent."
NO_MATCHING_EMAILS = "No matching emails."
NO_MATCHING_ENTRIES = "No matching entries."
NO_ONE = "No one"
NO_ONE_THE_TOOL_LACKS_IT = "No one: the tool doesn’t provide this data"
NO_ONE_WAIT = "No one: wait for the next check"
NO_REMINDERS = "No reminders"
NO_WEBHOOKS_FOR_MORE_THAN = "No webhooks for more than a day"
NO_WEBHOOK_RECEIVED_YET = "No webhook received yet"
NO_WEBHOOK_SECRET_SET = "No webhook secret set"
N_1_DAY = "1 day"
N_1_WEEK = "1 week"
N_CUSTOMERS_ASSIGNED = Message("%(n)s customers assigned.")
N_CUSTOMER_ASSIGNED = Message("%(n)s customer assigned.")
N_DOES_NOT_WORK = Message("%(n)s doesn’t work")
N_INTEGRATION = Message("%(n)s integration")
N_INTEGRATIONS = Message("%(n)s integrations")
N_INTEGRATION_SNOOZED = Message("%(n)s integration snoozed.")
N_MORE_THAN_A_WEEK_AGO = Message("%(n)s more than a week ago")
N_POINTS_LESS_THAN_A_WEEK_AGO = Message("%(n)s points less than a week ago")
ONLY_INTEGRATIONS_THAT_NEED_ATTENTION = "Only integrations that need attention can be snoozed."
ONLY_THE_FIRST_MOST_ARE_SHOWN = Message("Only the first %(most)s are shown.")
ORIGIN_ID = "Origin ID"
ORIGIN_ID_ID = Message("Origin ID %(id)s")
ORIGIN_ID_OF_ANOTHER_CUSTOMER = "Origin ID of another customer"
OR_UNTIL = "Or until"
PAUSED = "Paused"
PAUSED_KOMBO_SYNCS_NO_DATA = "Paused. Kombo syncs no data until you resume it."
PROCESSED = "Processed"
RECEIVING_WEBHOOKS = "Receiving webhooks"
RECOMMENDED_DATA_IS_MISSING = Message("Recommended data is missing: %(first)s and %(second)s.")
RECOMMENDED_DATA_IS_MISSING_AND_MORE = Message(
    "Recommended data is missing: %(first)s, %(second)s and %(n)s more."
)
RECOMMENDED_DATA_IS_MISSING_FIRST = Message("Recommended data is missing: %(first)s.")
REFRESH_LIST = "Refresh list"
REMIND_CUSTOMER = "Remind customer"
REMINDERS_AT_ANY_HOUR = Message("Reminders %(schedule)s, at any hour; at most %(cap)s per incident")
REMOVE_FILTER = "Remove filter:"
REPLAY = "Replay"
REQUESTS_PAUSED_UNTIL_TIME = Message("Requests paused until %(time)s")
REQUIRED_DATA_IS_MISSING = Message("Required data is missing: %(first)s and %(second)s.")
RESUME = "Resume"
SAVED = "Saved."
SAVED_VIEWS = "Saved views"
SELECTED = "Selected:"
SELECT_ALL_ON_THIS_PAGE = "Select all on this page"
SELECT_AT_LEAST_ONE_INTEGRATION = "Select at least one integration."
SEND_LINK_TO_CUSTOMER = "Send link to customer"
SHOW_CUSTOMERS = "Show customers"
SNOOZE = "Snooze"
SNOOZED = "Snoozed"
SNOOZED_IT_REAPPEARS_WHEN = "Snoozed. It reappears when its status changes."
SNOOZED_OF_ONLY_INTEGRATIONS = Message(
    "Snoozed %(n)s of %(total)s. Only integrations that need attention can be snoozed."
)
SNOOZED_UNTIL = "Snoozed until"
SOMEONE_ELSE_HAS_ALREADY_HANDLED = "Someone else has already handled this integration."
SOMEONE_ELSE_JUST_CHANGED_THESE = (
    "Someone else just changed these settings. The current values are shown. Your changes "
    "weren’t saved."
)
SYNC_QUEUED = "Sync queued."
THE_CHART_APPEARS_ONCE_THERE_ARE = (
    "The chart appears once there are two days to compare. A day is counted once it’s over."
)
THE_CUSTOMER_BY_RECONNECTING = "The customer, by reconnecting"
THE_PERSON_WHO_CONNECTED_THE_TOOL = "The person who connected the tool"
THIS_EMAIL_DOES_NOT_NEED = "This email doesn’t need to be resent. Check its status."
TODAY = "Today"
UNCHANGED = "Unchanged"
TURN_OFF_KEYS = "Turn off single-key shortcuts"
UNCONFIRMED = "Unconfirmed"
UNDO = "Undo"
UNDONE = "Undone."
UNKNOWN = "Unknown"
VIEWS = "Views"
VIEW_AS_CUSTOMER = "View as customer"
VIEW_DELETED = "View deleted."
WAITING_ON_CUSTOMER = "Waiting on customer"
WAITING_ON_NEXT_ACTOR = Message("Waiting on: %(next_actor)s")
WAITING_ON_VENDOR = Message("Waiting on %(vendor)s")
WEBHOOKS = "Webhooks"
WHO_CAN_CHANGE_IT = "Who can change it"
WORKS_PARTIALLY = "Works partially"
YOUR_ACCOUNT_HAS_NO_EMAIL = (
    "Your account has no email address, so you get no emails. Ask an administrator to add one."
)
YOU_ARE_VIEWING_AS = "You’re viewing as the customer. Changes are disabled."
YOU_ARE_VIEWING_THIS_PAGE = Message("You’re viewing this page as %(tenant)s.")
YOU_BY_CONFIRMING_THE_MAPPING = "You, by confirming the mapping"
YOU_IN_THE_KOMBO_SCOPE_CONFIG = "You, in the Kombo scope config"
IT_IS_NOT_RESPONDING = "It isn’t responding."
N_THINGS_NEED_ACTION = Message("%(n)s thing needs action.")
NOTHING_NEEDS_ACTION = "Nothing needs action."
