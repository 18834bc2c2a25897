"""Bodies that a valid signature makes no better: each breaks what the documentation says of its
type.

What is tolerated is not here: unknown keys, unknown members of an enum, keys that we do not read.
"""

import copy
import json
from collections.abc import Iterator
from typing import Any

from tests.webhook_payloads import MISSING, TYPES, documented, encoded, put

ID: list[object] = [None, 7, 1.5, True, "", "x" * 201, [], {}, ["x"], "a\0b"]
NAME: list[object] = [None, 7, True, "", [], {}, "a\0b"]
LABEL: list[object] = [*NAME, "X" * 65]
TEXT: list[object] = [None, 7, True, [], {}, "a\0b"]
OPTIONAL_TEXT: list[object] = [7, True, [], {}, "a\0b"]
OBJECT: list[object] = [7, True, "x", [], [{}]]
TIME: list[object] = [
    *(
        7,
        1_790_000_000,
        1.5,
        True,
        "",
        "yesterday",
        [],
        {},
        "2026-09-01",
        "2026-09-01T12:00:00",
        "12:00:00Z",
    ),
    *(
        "0001-01-01T00:00:00Z",
        "0001-01-01T00:00:00+23:59",
        "9999-12-31T23:59:59-12:00",
        "1969-12-31T23:59:59Z",
    ),
    *(
        "2026-13-01T12:00:00Z",
        "2026-02-30T12:00:00Z",
        "2026-09-01T25:00:00Z",
        "+12026-09-01T12:00:00Z",
    ),
]
REQUIRED_TIME: list[object] = [None, *TIME]
END_USER: dict[str, list[object]] = {
    "end_user": OBJECT,
    "end_user.organization_name": TEXT,
    "end_user.origin_id": OPTIONAL_TEXT,
}
# By type and path below `data`: what must not stand there.
WRONG: dict[str, dict[str, list[object]]] = {
    "integration-state-changed": {
        "integration_id": ID,
        "integration_tool": TEXT,
        "integration_category": LABEL,
        "state": LABEL,
        "setup_status": LABEL,
        "qa_status": TEXT,
        "updated_at": REQUIRED_TIME,
        **END_USER,
    },
    "integration-created": {"id": ID, "tool": NAME, "category": LABEL, **END_USER},
    "integration-deleted": {"id": ID, "deleted_at": REQUIRED_TIME},
    "issue-status-changed": {
        "change": TEXT,
        "issue": [None, *OBJECT, {}],
        "issue.id": ID,
        "issue.type": TEXT,
        "issue.title": TEXT,
        "issue.status": TEXT,
        "issue.markdown_message": OPTIONAL_TEXT,
        "issue.first_observed_at": REQUIRED_TIME,
        "issue.resolved_at": TIME,
        "integration": [*OBJECT, {}],
        "integration.id": ID,
    },
    "sync-finished": {
        "sync_id": ID,
        "sync_state": TEXT,
        "sync_started_at": REQUIRED_TIME,
        "sync_ended_at": REQUIRED_TIME,
        "integration_id": ID,
        "log_url": OPTIONAL_TEXT,
    },
    "connection-flow-failed": {"integration_tool": NAME, **END_USER},
    "data-changed": {"integration_id": ID},
}
REQUIRED: dict[str, list[str]] = {
    "integration-state-changed": ["integration_id", "state", "updated_at"],
    "integration-created": ["id", "tool", "category", "end_user", "end_user.organization_name"],
    "integration-deleted": ["id", "deleted_at"],
    "issue-status-changed": [
        *(
            "change",
            "issue",
            "issue.id",
            "issue.title",
            "issue.first_observed_at",
            "integration.id",
        ),
    ],
    "sync-finished": [
        "sync_id",
        "sync_started_at",
        "sync_ended_at",
        "integration_id",
    ],
    "connection-flow-failed": [
        *("integration_tool", "end_user", "end_user.organization_name"),
    ],
    "data-changed": ["integration_id"],
}
ENVELOPE: list[object] = [
    None,
    7,
    True,
    "x",
    [],
    {},
    [{}],
    {"id": "x"},
    {"id": "x", "type": "y"},
    {"type": "y"},
]
DATA: list[object] = [None, 7, True, "x", [], [{}], {}]


def altered(kind: str, path: str, value: object) -> bytes:
    document = copy.deepcopy(json.loads(documented(kind)))
    put(document, path.split("."), value)
    return encoded(document)


def malformed() -> dict[str, bytes]:
    """All of them, by what is wrong."""
    return dict(_all())


def _all() -> Iterator[tuple[str, bytes]]:
    yield from _not_json()
    for value in ENVELOPE:
        yield f"the body is {value!r}", encoded(value)
    for kind in TYPES:
        for key, values in (("id", ID), ("type", [*NAME, "x" * 101]), ("data", DATA)):
            for value in values:
                yield _said(kind, key, value), altered(kind, key, value)
            yield f"{kind}: no {key}", altered(kind, key, MISSING)
        for path, values in WRONG[kind].items():
            for value in values:
                yield _said(kind, path, value), altered(kind, f"data.{path}", value)
        for path in REQUIRED[kind]:
            yield f"{kind}: no {path}", altered(kind, f"data.{path}", MISSING)
        body = documented(kind)
        for size in range(0, len(body) - 2, 37):
            yield f"{kind}: only {size} bytes", body[:size]
    for data in DATA[:-1]:
        yield (
            f"an unknown type with the data {data!r}",
            encoded({"id": "x", "type": "remote-event", "data": data}),
        )


def _said(kind: str, path: str, value: object) -> str:
    return f"{kind}: {path} is {str(value)[:30]!r} ({type(value).__name__} of {len(str(value))})"


def _not_json() -> Iterator[tuple[str, bytes]]:
    body = documented("integration-state-changed")
    deep: dict[str, Any] = {"id": "x", "type": "integration-state-changed", "data": "DEEP"}
    yield "no bytes", b""
    yield "a form", b"id=1&type=data-changed"
    yield "HTML", b"<html>"
    yield "a byte order mark", b"\xef\xbb\xbf" + body
    yield "UTF-16", body.decode().encode("utf-16")
    yield "Latin-1", body.replace(b"Acme", b"Caf\xe9")
    yield "an overlong encoding", body.replace(b"Acme", b"\xc0\x80")
    yield "a surrogate's bytes", body.replace(b"Acme", b"\xed\xa0\x80")
    yield "a lone surrogate", body.replace(b"Acme", rb"\ud800")
    yield "surrogates swapped", body.replace(b"Acme", rb"\udc00\ud800")
    yield "a NUL within a text", body.replace(b"Acme", b"Ac\0me")
    yield "a NUL after the end", body + b"\0"
    yield "a NUL where we do not read", body.replace(b'"data"', b'"x\0": 1, "data"')
    yield "Latin-1 where we do not read", body.replace(b'"data"', b'"x": "Caf\xe9", "data"')
    yield "Latin-1 in a key that we do not read", body.replace(b'"data"', b'"Caf\xe9": 1, "data"')
    yield (
        "Latin-1 in data that we do not read",
        documented("integration-deleted").replace(b"Acme", b"Caf\xe9"),
    )
    yield (
        "Latin-1 in an unknown type",
        body.replace(b'"integration-state-changed"', b'"x"').replace(b"Acme", b"Caf\xe9"),
    )
    yield "a NUL written as an escape", body.replace(b"Acme", rb"\u0000")
    yield "two events", body + body
    yield "single quotes", body.replace(b'"', b"'")
    yield "a trailing comma", body.replace(b"\n}", b",\n}")
    yield "NaN", body.replace(b'"ACTIVE"', b"NaN")
    yield "arrays without end", b"[" * 100_000
    yield "objects without end", b'{"a":' * 20_000
    for name, inner in (
        ("arrays", b"[" * 50_000 + b"]" * 50_000),
        ("objects", b'{"a":' * 9_999 + b"1" + b"}" * 9_999),
    ):
        yield f"{name}, nested deeply, as data", encoded(deep).replace(b'"DEEP"', inner)
        unknown = deep | {"type": "remote-event-received"}
        yield (
            f"{name}, nested deeply, of an unknown type",
            encoded(unknown).replace(b'"DEEP"', b'{"x":' + inner + b"}"),
        )
    yield (
        "a number of 10000 digits",
        encoded(deep | {"data": {"integration_id": 0}}).replace(b"0", b"9" * 10_000),
    )
