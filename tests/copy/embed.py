"""What the embedded view says."""

from tests.copy.message import Message

CONTINUE_WITH_IN_THE_NEW = Message("Continue with %(tool)s in the new window.")
EMBEDDING_IS_TURNED_OFF = "Embedding is turned off"
N_CONNECTIONS_NEED_YOUR_ATTENTION = Message("%(n)s connections need your attention")
