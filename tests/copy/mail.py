"""What emails say."""

from tests.copy.message import Message

ACCOUNT_MANAGER_NAME = Message("Account manager: %(name)s")
ACTION_REQUIRED = "Action required"
ACTION_REQUIRED_FINISH_SETTING_UP = Message(
    "Action required: finish setting up %(tool)s for %(vendor)s"
)
ACTION_REQUIRED_RECONNECT_TOOL_TO_VENDOR = Message(
    "Action required: reconnect %(tool)s to %(vendor)s"
)
ASKER_ASKS_YOU = Message("%(asker)s asks you to take care of %(tool)s")
CONTINUE_SETUP = "Continue setup:"
DELIVERY_NOT_CONFIRMED = "Delivery not confirmed"
IS_CONNECTED_AND_EVERYTHING = Message("%(tool)s is connected, and everything is working.")
LEGAL_NOTICE_IN_MAIL = "Legal notice:"
N_CUSTOMER_INTEGRATIONS_NEED_ATTENTION = Message("%(n)s customer integrations need attention")
N_CUSTOMER_INTEGRATION_NEEDS_ATTENTION = Message("%(n)s customer integration needs attention")
ORGANIZATION_ASKS_YOU_TO_RECONNECT = Message("%(organization)s asks you to reconnect %(tool)s.")
OTHERS_NEEDED_MINUTES = Message("Others needed about %(n)s minutes.")
PASSWORD_RESET = "password reset"
PERSON_OF_ORGANIZATION_ASKS = Message(
    "%(person)s of %(organization)s asks you to reconnect %(tool)s."
)
PRIVACY_POLICY_IN_MAIL = "Privacy policy:"
QUESTIONS = "Questions?"
RECONNECT = "Reconnect:"
RECONNECT_TOOL = Message("Reconnect %(tool)s")
RESET_YOUR_PASSWORD = "Reset your password"
THE_DASHBOARD_ITSELF_HAS_A_PROBLEM = "The dashboard itself has a problem"
THE_MAIL_SERVER_REJECTED = Message("The mail server rejected the email with code %(code)s.")
TOOL_IS_CONNECTED = Message("%(tool)s is connected")
TOOL_IS_CONNECTED_TO_VENDOR_AGAIN = Message("%(tool)s is connected to %(vendor)s again")
USUALLY_NEEDED = Message("Usually needed: %(who)s")
YOUR_USERNAME_USERNAME = Message("Your username: %(username)s")
