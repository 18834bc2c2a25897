"""Signs that turn text round are dropped from what Kombo says, however they are written."""

import json
from typing import Any

import pytest

from integrations.kombo.overrides import drop_overrides
from integrations.kombo.schema import Details, decode
from integrations.kombo.webhooks import Created, parse
from tests.kombo.payloads import payload
from tests.webhook_payloads import event

OVERRIDES = [chr(code) for code in (*range(0x202A, 0x202F), *range(0x2066, 0x206A))]


@pytest.mark.parametrize("sign", OVERRIDES)
@pytest.mark.parametrize("ascii_only", [True, False])
def test_a_name_comes_without_them(sign: str, ascii_only: bool) -> None:
    answer: Any = json.loads(payload("example"))
    answer["data"]["tool"]["label"] = f"{sign}Fac{sign}{sign}torial\\{sign}"
    answer["data"]["end_user"]["organization_name"] = f"{sign}Acme"
    found = decode(json.dumps(answer, ensure_ascii=ascii_only).encode(), Details)
    assert found.tool.label == "Factorial\\"
    assert found.end_user.organization_name == "Acme"


@pytest.mark.parametrize("ascii_only", [True, False])
def test_an_event_comes_without_them(ascii_only: bool) -> None:
    told = event("integration-created", end_user__organization_name="\u202eAcme\u2069")
    report = parse(json.dumps(told, ensure_ascii=ascii_only).encode()).report
    assert isinstance(report, Created)
    assert report.end_user.organization_name == "Acme"


@pytest.mark.parametrize("text", ["\\u202e", "a\\\\u2066", "\u200f‏العربية", "\u2029", "é€"])
def test_what_only_looks_like_one_stays(text: str) -> None:
    for ascii_only in (True, False):
        body = json.dumps(text, ensure_ascii=ascii_only).encode()
        assert json.loads(drop_overrides(body)) == text
