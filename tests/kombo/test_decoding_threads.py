"""What threads share is made before they start, so a process whose first act is sixteen threads at
once lives.

msgspec crashes (SIGSEGV) if one thread makes a decoder while another decodes, and markdown-it
compiles its rules while others already read them. Both happen once in a process, so only fresh ones
can tell, and not each of them does: `tests/test_first_uses.py` sees where a decoder is made.
"""

import os
from pathlib import Path

import pytest

from tests import forking
from tests.fresh_processes import run_at_once
from tests.kombo.payloads import FOLDER

FRESH = 4  # processes

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
def test_a_fresh_process_reads_in_many_threads_at_once(what: str, tmp_path: Path) -> None:
    assert run_at_once(ACTS[what], FRESH, tmp_path) == [(0, "")] * FRESH


COMPILED = """
from integrations.domain.markdown import _linkless_parser, _parser
for parser in (_parser, _linkless_parser):
    rulers = (parser.core.ruler, parser.block.ruler, parser.inline.ruler, parser.inline.ruler2)
    assert all(ruler.__cache__ is not None for ruler in rulers)
"""


def test_parsers_have_compiled_their_rules_at_import(tmp_path: Path) -> None:
    process = forking.run(
        forking.execute, COMPILED, environment=os.environ, output=tmp_path / "output"
    )
    assert (process.wait(), process.output) == (0, "")
