"""What the administration says."""

from tests.copy.message import Message

CAN_ASSIGN_CUSTOMERS_TO_ACCOUNT_MANAGERS = "Can assign customers to account managers"
CAN_VIEW_MODEL = Message("Can view %(model)s")
FAILED_SYNCS = "Failed syncs"
INTERNAL_LABEL = "internal label"
ISSUES = "Issues"
ISSUE_REPORTED_BY_KOMBO = "Issue reported by Kombo"
N_SESSIONS_ENDED = Message("%(n)s sessions ended.")
RECONNECTIONS = "Reconnections"
DISCONNECTIONS = "Disconnections"
SETTINGS = "Settings"
SHARED_DATA = "Shared data"
STATUS_CHANGE_REPORTED_BY_KOMBO = "Status change reported by Kombo"
THIS_GROUP_ALREADY = "This group already has a text from this day on."
THIS_INTEGRATION_IS_ALREADY_MAPPED = "This integration is already mapped to a customer."
