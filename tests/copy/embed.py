"""What the embedded view says."""

from tests.copy.message import Message

CONTINUE_WITH_IN_THE_NEW = Message("Continue with %(tool)s in the new window.")
EMBEDDING_IS_TURNED_OFF = "Embedding is turned off"
N_CONNECTIONS_NEED_YOUR_ATTENTION = Message("%(n)s connections need your attention")
THIS_CONNECTION_IS_NOT_AVAILABLE_HERE = (
    "This connection isn’t available here. It may have been removed."
)
THIS_VIEW_IS_NOT_SET_UP_CORRECTLY = Message(
    "This view isn’t set up correctly. Contact %(vendor)s support."
)
WE_CANNOT_LOAD_YOUR_INTEGRATIONS = (
    "We can’t load your integrations right now. They keep working in the meantime. Try again in "
    "a moment."
)
WE_COULD_NOT_CONFIRM_WHO_YOU_ARE = (
    "We couldn’t confirm who you are. Reload the page, or sign in again."
)
