"""What threads share is made before they start, so a process whose first act is sixteen threads at
once lives.

msgspec crashes (SIGSEGV) if one thread makes a decoder while another decodes, and markdown-it
compiles its rules while others already read them. Both happen once in a process, so only fresh ones
can tell.
"""

import subprocess
import sys

import pytest

from tests.kombo.payloads import FOLDER

FRESH = 4  # processes; of those that make a decoder on first use, three of four crash

AT_ONCE = """
import sys, threading
sys.setswitchinterval(5e-5)
start, odd = threading.Barrier(16), []
def run():
    start.wait()
    for _time in range(20):
        if not act():
            odd.append(1)
threads = [threading.Thread(target=run) for _number in range(16)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
sys.exit(len(odd) > 0)
"""

ACTS = {
    "an answer": f"""
from integrations.kombo.schema import Details, decode
body = open({str(FOLDER / "example.json")!r}, "rb").read()
def act(): return decode(body, Details).id
""",
    "a webhook": """
from integrations.kombo.webhooks import parse
bodies = [
    b'{"id": "1", "type": "data-changed", "data": {"integration_id": "personio:1"}}',
    b'{"id": "2", "type": "not-used", "data": {"some": ["thing"]}}',
]
def act(): return all(parse(body).type for body in bodies)
""",
    "a text": """
from integrations.domain import markdown
wanted = "<ul>\\n<li><em>b</em> <code>c</code></li>\\n</ul>\\n"
def act(): return markdown.render.__wrapped__("- *b* `c`") == wanted
""",
}


@pytest.mark.parametrize("what", ACTS)
def test_a_fresh_process_reads_in_many_threads_at_once(what: str) -> None:
    command = [sys.executable, "-c", ACTS[what] + AT_ONCE]
    processes = [
        subprocess.Popen(command, stderr=subprocess.PIPE, text=True) for _number in range(FRESH)
    ]
    ends = [(process.communicate()[1], process.returncode) for process in processes]
    assert ends == [("", 0)] * FRESH
