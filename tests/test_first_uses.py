"""What threads share is made before they start, or in a way that lets several make it at once.

Whether two threads get into each other's way shows in one process of many, so what is shared is
found by reading the code instead: whatever is kept once it was made, or made where threads run, is
decided below. Beside `tests/kombo/test_decoding_threads.py`, whose processes may crash.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from tests.fresh_processes import run_at_once

PROJECT = Path(__file__).resolve().parent.parent
CODE = sorted(
    path
    for folder in ("integrations", "kombo_dashboard")
    for path in (PROJECT / folder).rglob("*.py")
    if not {"migrations", "simulator", "demo"} & set(path.parts)
)
FRESH = 2  # processes

# What keeps its result, and what must not be made while others use what is like it: msgspec crashes
# (SIGSEGV), markdown-it compiles its rules, a client opens its connections.
KEEPS = {"cache", "lru_cache", "cached_property", "singledispatch"}
MAKES = {
    *("Decoder", "Encoder", "convert", "MarkdownIt"),
    *("Http", "Client", "HTTPTransport", "_BoundedTransport", "create_ssl_context"),
    *("ConnectionPool", "ThreadPoolExecutor", "Engine", "Template", "get_template"),
}
# A module that has none of these words keeps and makes nothing, and is not parsed.
PERHAPS = re.compile(rf"\b(?:global|decode|{'|'.join(sorted(KEEPS | MAKES))})\b")
# Where in the code, what, and why threads may do it together.
DECIDED = {
    # At worst two threads work the same text out, and either result is as good.
    ("integrations/domain/coverage.py", "read", "lru_cache"),
    ("integrations/domain/coverage.py", "counts_by_half", "cached_property"),
    ("integrations/domain/coverage.py", "example", "cached_property"),
    ("integrations/domain/coverage.py", "parts", "cached_property"),
    ("integrations/domain/dates.py", "_number_text", "lru_cache"),
    ("integrations/domain/dates.py", "_text", "lru_cache"),
    *(
        ("integrations/templatetags/grid.py", name, "lru_cache")
        for name in ("_field_text", "_model_row", "_unmarked", "_verdict")
    ),
    ("integrations/domain/accent.py", "stylesheet", "lru_cache"),
    ("integrations/domain/accent.py", "stylesheet_name", "lru_cache"),
    ("integrations/domain/day_strip.py", "_dates", "lru_cache"),
    ("integrations/domain/day_strip.py", "paths", "lru_cache"),
    ("integrations/domain/field_names.py", "field_group", "lru_cache"),
    ("integrations/domain/field_names.py", "sensitivity", "lru_cache"),
    ("kombo_dashboard/static_files.py", "__init__", "cache"),
    ("integrations/templatetags/integrity.py", "_digest", "cache"),
    ("integrations/domain/coverage.py", "_reason", "lru_cache"),
    ("integrations/workspace/datapoints.py", "_datapoints_of", "lru_cache"),
    ("integrations/domain/field_names.py", "_field_name", "lru_cache"),
    ("integrations/domain/field_names.py", "_texts", "cache"),
    ("integrations/domain/field_names.py", "humanise", "lru_cache"),
    ("integrations/domain/field_search.py", "_haystack", "lru_cache"),
    ("integrations/domain/field_search.py", "_own_words", "lru_cache"),
    ("integrations/domain/field_search.py", "_ratio", "lru_cache"),
    ("integrations/domain/field_search.py", "_terms", "cache"),
    # The same, by a parser that has rendered before.
    ("integrations/domain/markdown.py", "render", "lru_cache"),
    ("integrations/domain/markdown.py", "_parser_without", "MarkdownIt"),  # at import only
    # Of one request, which one thread answers.
    ("integrations/workspace/datapoints.py", "_said", "cached_property"),
    ("integrations/upstream/snapshot_updates.py", "_take_coverage", "cache"),
    ("integrations/templatetags/triage.py", "__init__", "cache"),
    # Of one look, which one thread takes.
    ("integrations/workspace/outage_detection.py", "failing", "cached_property"),
    *(
        ("integrations/domain/statement_text.py", name, "cached_property")
        for name in ("_possible_actions", "_read", "groups", "names", "words")
    ),
    ("integrations/history/statements.py", "content", "cached_property"),
    ("integrations/history/statements.py", "digest", "cached_property"),
    # Its handlers are registered at import; who looks one up first notes what is so anyway.
    ("integrations/webhooks/handlers.py", "_apply", "singledispatch"),
    # Under a lock.
    ("integrations/kombo/http.py", "_connected", "_BoundedTransport"),
    ("integrations/kombo/http.py", "__init__", "create_ssl_context"),
    ("integrations/kombo/http.py", "__init__", "ConnectionPool"),
    ("integrations/database/outage.py", "notice", "global"),
    # By the one thread that watches, or that a fork has left.
    ("integrations/database/outage.py", "_watch", "global"),
    ("integrations/database/outage.py", "_forget", "global"),
    # Once, when the app is ready.
    ("integrations/domain/events.py", "connect", "global"),
    # A pure function of bytes, and one of the bytes that a key is the digest of.
    ("integrations/workspace/identity.py", "_checked", "lru_cache"),
    ("integrations/workspace/identity.py", "_ratio", "lru_cache"),
    # Of what never changes: whoever is second puts the same.
    ("integrations/history/days.py", "_days", "lru_cache"),
    ("integrations/views/customer/card.py", "checked_text", "cached_property"),
    ("integrations/views/customer/card.py", "version", "cached_property"),
    ("integrations/database/sqlite/base.py", "_converted", "lru_cache"),
    ("integrations/database/sqlite/base.py", "_has_json", "cache"),
    # Two make the same query, whose plans each thread has for itself.
    *(
        ("integrations/access/loading.py", name, "lru_cache")
        for name in ("_prepared", "_prepared_again", "_prepared_one")
    ),
    # Django's own, which it keeps itself.
    ("integrations/templatetags/kept.py", "_template", "get_template"),
    # For whoever gives it no pool: the gateway always does.
    ("integrations/kombo/calls.py", "__init__", "Http"),
}


def name_of(node: ast.expr) -> str:
    match node:
        case ast.Call(func=func):
            return name_of(func)
        case ast.Subscript(value=value):
            return name_of(value)
        case ast.Attribute(attr=name) | ast.Name(id=name):
            return name
    return ""


def is_typed_decode(call: ast.Call) -> bool:
    """`msgspec.json.decode(body, type=...)` makes a decoder too."""
    return name_of(call) == "decode" and any(one.arg == "type" for one in call.keywords)


def shared(path: Path) -> Iterator[tuple[str, str, str]]:
    """What a file keeps once it was made, or makes where threads run: where, in what, and how."""
    file, text = str(path.relative_to(PROJECT)), path.read_text()
    if not PERHAPS.search(text):
        return
    for function in ast.walk(ast.parse(text)):
        if not isinstance(function, ast.FunctionDef):
            continue
        for decorator in function.decorator_list:
            if name_of(decorator) in KEEPS:
                yield file, function.name, name_of(decorator)
        for node in (inner for line in function.body for inner in ast.walk(line)):
            if isinstance(node, ast.Global):
                yield file, function.name, "global"
            elif isinstance(node, ast.Call) and (
                name_of(node) in KEEPS | MAKES or is_typed_decode(node)
            ):
                yield file, function.name, name_of(node)


def test_whatever_threads_share_was_decided() -> None:
    uses = {use for path in CODE for use in shared(path)}
    assert uses == DECIDED


A_CALL = """
import time
from integrations.kombo.http import ConnectFailed, Http
http, seen = Http(), set()
def act():
    try:
        http.request("GET", "http://127.0.0.1:9/", deadline=time.monotonic() + 30)
    except ConnectFailed:
        seen.add(id(http._transport))
    return len(seen) == 1
"""


def test_threads_that_call_first_together_share_a_pool(tmp_path: Path) -> None:
    assert run_at_once(A_CALL, FRESH, tmp_path) == [(0, "")] * FRESH
