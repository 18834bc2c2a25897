"""What the customer's pages say."""

from tests.copy.message import Message

AN_EMAIL_IS_ON_ITS_WAY = Message("An email is on its way to %(names)s.")
ASK_NAME = Message("Ask %(name)s")
ACCOUNT_OF_NAME = Message("Account, %(name)s")
CHANGED_ON_DATE = Message("Changed on %(date)s")
CHECKING = "Checking…"
CHECKING_TOOL = Message("Checking %(tool)s")
CONNECTED = "Connected"
DATE = "Date"
DOWNLOAD_JSON = "Download JSON"
HR_SYSTEM = "HR system"
IS_CONFIRMING_THAT_THIS_CONNECTION = Message(
    "%(vendor)s is confirming that this connection belongs to your organization. No details "
    "are shown until then."
)
IT_IS_NOT_KNOWN_HERE = "The Kombo region that processes this connection’s data isn’t recorded here."
KOMBO_DID_NOT_CONFIRM = (
    "Kombo didn’t confirm the change, but it may have been made. Check again in a minute."
)
NEEDS_YOUR_ATTENTION = "Needs your attention"
NOT_CONFIRMED_YET = "Not confirmed yet"
NOT_STATED = "Not stated"
NO_ACTIVITY_RECORDED_YET = "No activity recorded yet."
NO_CHANGES_WERE_MADE = "No changes were made."
NO_DIFFERENCES_BOTH_STATEMENTS_SAY = "No differences: both statements say the same."
NO_ENTRIES_OF_THIS_TYPE = "No entries of this type."
N_NEEDS_YOUR_ATTENTION = Message("%(n)s needs your attention")
N_NEED_YOUR_ATTENTION = Message("%(n)s need your attention")
SEARCH_DATA_FOR_EXAMPLE_NAME = Message("Search data, for example %(name)s")
MEANT_TO_REPLACE = "It was meant to replace another connection."
NO_SETTINGS_TO_CHANGE = Message("%(tool)s has no settings that can be changed here.")
SEND_TO_A_COLLEAGUE = "Send to a colleague"
THAT_IS_NOT_A_DATE = "That isn’t a date. Write it as year-month-day, for example 2026-03-01."
THERE_IS_NOTHING_LEFT = "There is nothing left to set up."
THE_CONNECTION_COULD_NOT = "The connection couldn’t be started. Try again in a moment."
THE_CONNECTION_COULD_NOT_BE_RESUMED = "The connection couldn’t be resumed. Try again in a moment."
THE_EMAIL_TO_TO_IS_ON_ITS_WAY = Message("The email to %(to)s is on its way.")
THIS_DATE_IS_IN_THE_FUTURE = "This date is in the future."
TO_USE_IT_AGAIN = "To use it again, connect it from scratch."
TOOL_CONNECTION = Message("%(tool)s connection")
VERSION_NUMBER = Message("Version %(number)s")
WE_CANNOT_CHECK_THE_CONNECTION = (
    "We can’t check the connection right now. This is the last known status. You don’t need "
    "to do anything."
)
WE_HAVE_NO_DATA_YET = (
    "We have no data yet and can’t check the connection right now. We’ll keep trying. You "
    "don’t need to do anything."
)
WE_RECEIVED_AN_UNTRUSTED_LINK = Message(
    "We received an untrusted link and didn’t open it. Contact %(vendor)s."
)
WHAT_CHANGED_BETWEEN_BEFORE_AND_AFTER = Message("What changed between %(before)s and %(after)s")
WHAT_IS_SHARED = "What is shared"
WHAT_WAS_SHARED = "What was shared on this day is no longer stored here."
WHAT_WAS_SHARED_TAB = "What was shared"
WHAT_WAS_SHARED_UNTIL_DISCONNECTED = Message("What was shared until %(tool)s was disconnected")
WORKING = "Working"
YOU_ASKED_NAMES = Message("You asked %(names)s a short while ago.")
YOU_DO_NOT_BELONG = "You don’t belong to an organization yet"
YOU_HAVE_VIEW_ONLY_NAMES = Message("You have view-only access. %(names)s can do this.")
YOU_HAVE_VIEW_ONLY_NOBODY = Message(
    "You have view-only access, and no one at %(organization)s can make changes yet."
)
SEND_AGAIN = "Send again"
TOOL_IS_CONNECTED_AGAIN = Message("%(tool)s is connected again")
