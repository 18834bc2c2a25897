"""Every text of the product that a test expects: another word for it costs one line here.

    copy.CHECK_NOW, copy.RECONNECT(tool="Personio")

`tests/words/test_copy.py` holds that each row is a message of the source, and that no test has it
in words of its own.
"""

from tests.copy.admin import *  # noqa: F403
from tests.copy.customer import *  # noqa: F403
from tests.copy.embed import *  # noqa: F403
from tests.copy.mail import *  # noqa: F403
from tests.copy.outages import *  # noqa: F403
from tests.copy.people import *  # noqa: F403
from tests.copy.public import *  # noqa: F403
from tests.copy.shared import *  # noqa: F403
from tests.copy.workspace import *  # noqa: F403
