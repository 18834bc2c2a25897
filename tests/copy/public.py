"""What everybody reads: signing in, guest links, errors."""

from tests.copy.message import Message

CONNECT_TOOL_TO_VENDOR = Message("Connect %(tool)s to %(vendor)s")
CHECKING_THE_CONNECTION = "Checking the connection"
DONE_THANK_YOU = "Done, thank you"
FINISH_CONNECTING_TOOL_TO_VENDOR = Message("Finish connecting %(tool)s to %(vendor)s")
HISTORY = "History"
INVALID_REQUEST = "Invalid request"
N_FIELDS = Message("%(n)s fields")
PAGE_NOT_FOUND = "Page not found"
RECONNECT_TOOL_TO_VENDOR = Message("Reconnect %(tool)s to %(vendor)s")
RESULT_UNKNOWN = "Result unknown"
SIGN_IN = "Sign in"
SIGN_IN_AGAIN = "Sign in again"
SIGN_OUT = "Sign out"
SKIP_TO_CONTENT = "Skip to content"
THAT_DID_NOT_WORK = "That didn’t work"
THE_ADDRESS_IN_YOUR_BROWSER = (
    "The address in your browser isn’t the one this site is set up for. Trying again won’t "
    "help: the person who runs it needs to correct its address."
)
THIS_CONNECTION_WAS_REMOVED = "This connection was removed"
THIS_LINK_HAS_ALREADY_BEEN_USED = "This link has already been used"
THIS_LINK_IS_NOT_VALID = "This link is not valid"
THIS_LINK_NO_LONGER_WORKS = "This link no longer works"
THIS_LINK_WAS_REVOKED = "This link was revoked"
THIS_PAGE_HAS_EXPIRED = "This page has expired"
PERSON_ASKS_YOU_TO_CONNECT = Message("%(person)s of %(organization)s asks you to connect %(tool)s.")
TOOL_IS_ALREADY_CONNECTED = Message("%(tool)s is already connected")
TOOL_IS_ALREADY_WORKING_AGAIN = Message("%(tool)s is already working again")
TOO_MANY_REQUESTS = "Too many requests"
YOUR_EMAIL_ADDRESS = "Your email address"
VALID_UNTIL = "Valid until"
WE_DID_NOT_RECEIVE = "We didn’t receive a result. To see the status, open the link again."
WE_WILL_BE_BACK = "We’ll be back in a moment"
