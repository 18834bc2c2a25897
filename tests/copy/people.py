"""Texts about accounts: sessions, roles and invitations."""

from tests.copy.message import Message

ACCOUNT_ACTIVATED = "Account activated."
ACCOUNT_DEACTIVATED = "Account deactivated. All sessions ended."
ASSIGNED_ONLY = "Assigned only"
BROWSER_ON_SYSTEM = Message("%(browser)s on %(system)s")
CREATE_ACCOUNT = "Create account"
DEACTIVATE_NAME = Message("Deactivate %(name)s")
EMAIL_ADDRESS = "Email address"
END_ALL_OTHERS = "End all others"
INVITATION_REVOKED = "Invitation revoked."
INVITATION_SENT = "Invitation sent."
NO_LONGER_AS_DOCUMENTED = Message("Changed in admin, and no longer as documented: %(names)s")
ROLE_OF_NAME = Message("Role of %(name)s")
ROLE_SAVED = "Role saved."
SAVE_ROLE_OF_NAME = Message("Save the role of %(name)s")
SEND_INVITATION = "Send invitation"
SESSION_ENDED = "Session ended."
THERE_IS_ALREADY_AN_ACCOUNT = "There’s already an account with this address."
UNKNOWN_BROWSER = "Unknown browser"
YOUR_SESSIONS = "Your sessions"
YOU_CAN_NOT_CHANGE_YOUR_OWN = "You can’t change your own access. Ask another administrator."
