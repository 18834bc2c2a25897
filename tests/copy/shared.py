"""What several parts of the product say."""

from tests.copy.message import Message

ACCESS_STATEMENT = "Access statement"
ACCOUNT_MANAGER = "Account manager"
ACTION = "Action"
ACTIONS_BY_VENDOR = Message("Actions by %(vendor)s")
AFTER_A_RECONNECT = "After a reconnect"
ALL = "All"
AND_N_MORE = Message("and %(n)s more")
AVAILABLE = "Available"
AVAILABLE_FEATURES = "Available features"
A_CONNECTION_WAS_REMOVED = "A connection was removed"
A_VALUE_IS_LONGER_THAN = Message(
    "A value is longer than %(most)s characters or contains control characters."
)
BACK = "Back"
BACKGROUND_WORKER = "background worker"
BREADCRUMB = "Breadcrumb"
CANCEL = "Cancel"
CHANGE_SHARED_DATA = "Change shared data"
CHOOSE_A_VALIDITY_OF_1 = Message("Choose a validity of 1 to %(most)s days.")
CLEAR_FILTERS = "Clear filters"
CLOSE = "Close"
COLLAPSE_ALL = "Collapse all"
COMMAND_LINE = "command line"
CONNECTED_BUT_THE_LAST_SYNC = Message("Connected, but the last sync with %(tool)s was incomplete.")
VENDOR_TAKES_CARE_OF_IT_THE = Message(
    "%(vendor)s takes care of it. The details say whether you can help."
)
CONNECTED_BUT_WITH_AN_ISSUE_ISSUE = Message("Connected, but there’s an issue: %(issue)s")
BY_WHO = Message("by %(who)s")
CONNECTION = "Connection"
CONTINUE_WITH_TOOL = Message("Continue with %(tool)s")
COPY = "Copy"
COPY_LINK = "Copy link"
CREATED_BY_WHO_ON_DATE = Message("Created by %(who)s on %(date)s.")
CREATED_CHANGED_UNCHANGED_DRY_RUN = Message(
    "Created: %(created)s. Changed: %(changed)s. Unchanged: %(left)s. Dry run: nothing was written."
)
CREATED_CREATED_CHANGED_CHANGED_UNCHANGED_LEFT = Message(
    "Created: %(created)s. Changed: %(changed)s. Unchanged: %(left)s."
)
CREATED_FOR_A_REMINDER_ON_DATE = Message("Created for a reminder on %(date)s.")
CREATED_WHAT = Message("Created: %(what)s")
CUSTOMER = "Customer"
CUSTOMER_ID_NAME = Message("customer %(id)s (%(name)s)")
DATA_CATEGORY_OR_ACTION = "Data category or action"
DATA_POINT = "Data point"
DATA_READ_BY_VENDOR = Message("Data read by %(vendor)s")
DELAYS_COUNT_FROM_THE_START = (
    "Delays count from the start of the incident, so each must be longer than the one before."
)
DETAILS = "Details"
DETECTED_BY_A_STATUS_CHECK = "Detected by a status check"
DETECTED_DURING_A_SYNC = "Detected during a sync"
DETECTED_ISSUE = Message("Detected: %(issue)s")
DISCONNECTED = "Disconnected"
DONE = "Done"
DOWNLOAD_CSV = "Download CSV"
EMAIL_CANNOT_BE_SENT = "Email can’t be sent to this address."
EMBEDDED_VIEW = "embedded view"
EMBED_TOKEN_REFUSED = "Embed token refused"
ENDED_BY_RECONNECTING = "Ended by reconnecting"
ENDED_WHEN_IT_WAS_RESUMED = "Ended when it was resumed"
ENDED_WHEN_THE_CONNECTION_WAS_REMOVED = "Ended when the connection was removed"
ENDED_WHEN_THE_SETUP_WAS_COMPLETED = "Ended when the setup was completed"
END_SNOOZE = "End snooze"
ENTER_A_VALID_EMAIL_ADDRESS = "Enter a valid email address."
EVERYTHING_IS_WORKING = "Everything is working."
EXPAND_ALL = "Expand all"
FIELD = "Field"
FILE_CANNOT_BE_READ_ERROR = Message("%(file)s can’t be read: %(error)s")
FINISHED_BUT_NOT_CONFIRMED_YET = "Finished, but not confirmed yet."
FIRST_DETECTED_ON_AFTER = Message("first detected on %(date)s, after a reconnection by %(who)s")
FIRST_DETECTED_ON_DATE = Message("First detected on %(date)s.")
FIRST_OPENED_ON_DATE = Message("First opened on %(date)s.")
FIRST_SYNC_WITH_TOOL_IN_PROGRESS = Message("First sync with %(tool)s in progress")
INTEGRATION = "Integration"
INTEGRATIONS = "Integrations"
IN_PROGRESS = "In progress"
IP_ADDRESS = "IP address"
IT_FAILED = "It failed."
KOMBO_HAS_NOT_LISTED_ANY = "Kombo hasn’t listed any data for this connection yet."
KOMBO_REJECTED_OUR_API_KEY = "Kombo rejected our API key or IP address."
KOMBO_RETURNED_A_SERVER_ERROR = "Kombo returned a server error."
LANGUAGE = "Language"
LAST_SYNCED_TIME = Message("Last synced %(time)s")
LAST_SYNC_CANCELED_TIME = Message("Last sync canceled %(time)s")
LAST_SYNC_COMPLETED_TIME = Message("Last sync completed %(time)s")
LAST_SYNC_COULD_NOT_SIGN = Message("Last sync failed at sign-in %(time)s")
LAST_SYNC_FAILED_TIME = Message("Last sync failed %(time)s")
LAST_SYNC_PARTIALLY_COMPLETED_TIME = Message("Last sync partially completed %(time)s")
LAST_SYNC_TIMED_OUT_TIME = Message("Last sync timed out %(time)s")
LATEST_NEW_DATA_TIME = Message("New data arrived %(time)s")
LIMITED = "Limited"
LINE_LINE_REASON = Message("Line %(line)s: %(reason)s")
LINK_COPIED = "Link copied."
LINK_REVOKED = "Link revoked."
LINK_TO_SHARE = "Link to share"
MARK_AS_NOTIFIED = "Mark as notified"
NAME = "Name"
NAME_URL_SETTING_IS_NOT_SET = Message("%(name)s (%(url)s): %(setting)s isn’t set.")
NEWER = "Newer"
NEXT = "Next"
NONE = "None"
NOTE_ADDED = "Note added"
NOTHING_IS_CALLED_QUERY = Message("No data matches “%(query)s”.")
NOTHING_IS_CONNECTED_YET = "Nothing is connected yet"
NOTIFICATIONS = "Notifications"
NOT_AVAILABLE = "Not available"
NO_CHANGES = "No changes"
NO_CUSTOMER_TOOL = "No customer’s tool has this yet. Check the spelling:"
NO_DATA = "No data"
NO_INCIDENTS_RECORDED = "No incidents recorded."
NO_LONGER_ACCEPTS_OUR_CREDENTIALS = Message(
    "%(tool)s no longer accepts the saved credentials. No new data is synced. Data already "
    "synced is kept."
)
NO_NOT_REQUESTED_BY_VENDOR = Message("No: not requested by %(vendor)s")
NO_NOT_SUPPORTED_BY_TOOL = Message("No: not supported by %(tool)s")
NO_RESULT_WAS_REPORTED = "No result was reported."
N_3_DAYS = "3 days"
N_DAYS_AGO = Message("%(n)s days ago")
N_FIELDS = Message("%(n)s fields")
N_FIELDS_ARE_NOW_AVAILABLE = Message("%(n)s fields are now available")
N_FIELDS_ARE_NO_LONGER_AVAILABLE = Message("%(n)s fields are no longer available")
OPTED_OUT_OF_N_FIELDS = Message("Opted out of %(n)s fields")
N_FIELD_IS_NOW_AVAILABLE = Message("%(n)s field is now available")
N_FIELD_IS_NO_LONGER_AVAILABLE = Message("%(n)s field is no longer available")
OPTED_OUT_OF_N_FIELD = Message("Opted out of %(n)s field")
N_HOURS = Message("%(n)s hours")
N_HOURS_AGO = Message("%(n)s hours ago")
N_H_AGO = Message("%(n)s h ago")
N_MINUTE = Message("%(n)s minute")
N_MINUTES = Message("%(n)s minutes")
N_MINUTES_AGO = Message("%(n)s minutes ago")
N_MINUTE_AGO = Message("%(n)s minute ago")
OPERATIONAL = "Operational"
OPTED_OUT = "Opted out"
PAGE_N_OF_ALL = Message("Page %(n)s of %(all)s")
PREVIEW = "Preview"
REASON = "Reason"
RECONNECTED_BY_WHO = Message("Reconnected by %(who)s")
RECONNECTED_ON_BY_WAITING = Message(
    "Reconnected on %(date)s by %(who)s. Waiting for the next sync."
)
RECONNECTED_TODAY_BY_WAITING = Message("Reconnected today by %(who)s. Waiting for the next sync.")
RECONNECTING_TAKES_ABOUT_2_MINUTES = Message(
    "Reconnecting takes about 2 minutes and requires admin access to %(tool)s."
)
RECONNECTING_TOOL_WAS_STARTED = Message("Reconnecting %(tool)s was started")
RECONNECT_REQUIRED = "Reconnect required"
RECONNECT_STARTED_IN_EMBEDDED_VIEW = "Reconnect started in embedded view"
RECURRED_N_TIME = Message("Recurred %(n)s time")
RECURRED_N_TIMES = Message("Recurred %(n)s times")
RESOLVED_AUTOMATICALLY = "Resolved automatically"
RESOLVED_ISSUE = Message("Resolved: %(issue)s")
RESUMED_BY_WHO = Message("Resumed by %(who)s")
REVOKE = "Revoke"
SAVE_NOTE = "Save note"
SEARCH = "Search"
SEND_BY_EMAIL = "Send by email"
SENSITIVE_DATA = "Sensitive data"
SETUP_COMPLETED_BY_WHO = Message("Setup completed by %(who)s")
SHARED_DATA_CHANGED_NOW_AVAILABLE = Message(
    "Shared data changed (now available: %(new)s, opted out: %(out)s, no longer available: "
    "%(gone)s)"
)
SHARED_DATA_CHANGED_NOW_AVAILABLE_NO = Message(
    "Shared data changed (now available: %(new)s, no longer available: %(gone)s)"
)
SHARED_DATA_CHANGED_NOW_AVAILABLE_OPTED = Message(
    "Shared data changed (now available: %(new)s, opted out: %(out)s)"
)
SHARED_DATA_CHANGED_OPTED_OUT = Message(
    "Shared data changed (opted out: %(out)s, no longer available: %(gone)s)"
)
SHARED_OPTIONAL_HAS_NOT_OPTED = Message("Shared: optional, %(customer)s hasn’t opted out")
SHARED_REQUIRED = "Shared (required)"
SHARED_VENDOR_REQUIRES_IT = Message("Shared: %(vendor)s requires it")
SHOWING_THE_FIRST_DATA_POINTS = Message(
    "Showing the first %(n)s data points. Search to find others."
)
SHOW_FIELDS = "Show fields"
SIGN_IN_FAILED = "Sign-in failed"
SIGN_IN_WORKS_AGAIN_WAITING = "Sign-in works again. Waiting for the next sync."
SNOOZE_UNTIL_THIS_DATE = "Snooze until this date"
SOMEONE_WITH_PERMISSION_TO_CHANGE = (
    "Someone with permission to change mappings can correct or confirm it."
)
SOMETHING_WENT_WRONG = "Something went wrong"
SOMETHING_WENT_WRONG_TRY_AGAIN = "Something went wrong. Try again in a moment."
STATUS = "Status"
SYNC_WITH_COULD_NOT_SIGN = Message("Sync with %(tool)s failed at sign-in")
SYNC_WITH_TOOL_FAILED = Message("Sync with %(tool)s failed")
SYNC_WITH_TOOL_TIMED_OUT = Message("Sync with %(tool)s timed out")
SYNC_WITH_TOOL_WAS_INCOMPLETE = Message("Sync with %(tool)s was incomplete")
TECHNICAL_DETAILS = "Technical details"
THE_API_KEY_WORKS = Message("%(name)s (%(url)s): the API key works, for environment %(id)s.")
THE_DATA_IS_SYNCED_AGAIN = "The data is synced again after this change."
THE_LAST_COMPLETE_SYNC = Message("The last complete sync was on %(date)s.")
THIS_CONNECTION_DOES_NOT_NEED = (
    "This connection doesn’t need any action right now, so a link can’t be created."
)
THIS_CONNECTION_IS_NOT_CONFIRMED = (
    "This connection isn’t confirmed yet, so a link can’t be created."
)
THIS_LINK_ALREADY_EXISTS_YOU = "This link already exists. You’ll find it in the list."
THIS_LINK_HAS_EXPIRED = "This link has expired"
THIS_LINK_IS_NO_LONGER = "This link is no longer valid. Create a new one."
TIME = "Time"
TOOL = "Tool"
TOOL_IS_DISCONNECTED = Message("%(tool)s is disconnected")
TOOL_NEEDS_TO_BE_RECONNECTED = Message("%(tool)s needs to be reconnected")
TOOL_SETTINGS_CHANGED = Message("%(tool)s settings changed")
TOOL_WAS_RESUMED = Message("%(tool)s was resumed")
TRY_AGAIN = "Try again"
TYPE = "Type"
UNASSIGNED = "Unassigned"
UNKNOWN_STATUS = "Unknown status"
USER = "User"
WAITING_ON = "Waiting on"
WE_ARE_CHECKING_THE_CONNECTION = "We’re checking the connection. This can take a minute."
WE_CANNOT_SEND_EMAIL = (
    "We can’t send email to this address. Create a link without an address and share it yourself."
)
WE_WILL_RETRY_AUTOMATICALLY_YOU = (
    "The sync is retried automatically. You don’t need to do anything."
)
WHAT_VENDOR_READS_FROM_TOOL = Message("What %(vendor)s reads from %(tool)s")
WHO_CONTINUED_THE_SETUP_OF_TOOL = Message("%(who)s continued the setup of %(tool)s")
WHO_RECONNECTED_TOOL = Message("%(who)s reconnected %(tool)s")
WHO_RESUMED_TOOL = Message("%(who)s resumed %(tool)s")
WHO_STARTED_RECONNECTING_TOOL = Message("%(who)s started reconnecting %(tool)s")
WORKSPACE = "Workspace"
WOULD_CREATE_WHAT = Message("Would create: %(what)s")
YOUR_SESSION_HAS_ENDED = "Your session has ended. The information shown may be out of date."
YOU_CAN_CREATE_A_LINK = "You can create a link when this connection needs action."
YOU_HAVE_VIEW_ONLY_ACCESS = "You have view-only access. Ask a colleague who can make changes."
YOU_OPTED_OUT_YOU_CAN = "You opted out. You can change this when you reconnect."
