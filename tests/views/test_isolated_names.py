"""A name that runs from right to left stands for itself and turns no sentence round it."""

import re
import unicodedata
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import get_resolver
from django.utils import timezone

from integrations.access import audit
from integrations.access.audit import Act
from integrations.domain.bidi import isolate
from integrations.domain.headline_text import headline_of
from integrations.history import record as history_record
from integrations.mail import compose, digests
from integrations.models import (
    Integration,
    Issue,
    Mail,
    Note,
    Snapshot,
    Summary,
    Tenant,
    UnmappedIntegration,
)
from integrations.workspace import summaries
from tests import copy
from tests.conftest import NOW, Connect, acting
from tests.views.access_answers import names
from tests.views.browsing import Element, read, tenant_url, url_of

HEBREW = "מערכת 24"
OVERRIDE = "\u202eevil"


@pytest.fixture
def made(acme: Tenant, connect: Connect, alice: User) -> Integration:
    """A tool, a customer and a person whose names run from right to left."""
    made = connect(acme, state="invalid")
    Snapshot.objects.filter(pk=made.pk).update(tool_label=HEBREW)
    Tenant.objects.filter(pk=acme.pk).update(name=OVERRIDE)
    User.objects.filter(pk=alice.pk).update(first_name=HEBREW)
    alice.refresh_from_db()
    history_record.begin_repair(made, "reconnect", alice)
    return made


@pytest.mark.parametrize("name", ["Personio", "Müller & Söhne", "北京", "Łódź 24", "", "🚀"])
def test_a_name_from_left_to_right_stays_as_it_is(name: str) -> None:
    assert isolate(name) == name


@pytest.mark.parametrize("name", [HEBREW, OVERRIDE, "شركة", "\u2067x", "٢٤"])
def test_what_may_turn_others_is_isolated(name: str) -> None:
    assert isolate(name) == f"\u2068{name}\u2069"


# What begins a line of its own; all else runs on in the line around it.
BLOCKS = {
    *("address", "article", "aside", "blockquote", "body", "button", "caption", "dd", "details"),
    *("dialog", "div", "dl", "dt", "fieldset", "figure", "footer", "form", "h1", "h2", "h3", "h4"),
    *(
        "header",
        "html",
        "label",
        "legend",
        "li",
        "main",
        "nav",
        "ol",
        "option",
        "p",
        "pre",
        "section",
    ),
    *("select", "summary", "table", "tbody", "td", "th", "thead", "title", "tr", "ul"),
}
BREAK = "\0"
PLAIN = {"aria-label", "title", "alt", "placeholder", "content", "data-announce"}


def line_around(element: Element) -> str:
    """The text of a block without that of the blocks in it, and without what is isolated."""
    if element.tag in {"bdi", "br"}:
        return BREAK if element.tag == "br" else ""
    parts = [
        one if isinstance(one, str) else line_around(one)
        for one in element.children
        if isinstance(one, str) or one.tag not in BLOCKS
    ]
    return re.sub(r"\u2068.*?\u2069", "", "".join(parts), flags=re.DOTALL)


def unguarded(response: Any) -> list[str]:
    """Lines and attributes in which such a name stands beside a word with nothing to isolate it."""
    page = read(response)
    blocks = [line_around(one) for one in page if one.tag in BLOCKS]
    lines = [line for block in blocks for line in block.split(BREAK)]
    lines += [
        re.sub(r"\u2068.*?\u2069", "", value)
        for one in page
        for name, value in one.attributes.items()
        if name in PLAIN
    ]
    turned = {"R", "AL", "RLO"}
    return [
        " ".join(line.split())
        for line in lines
        if any(unicodedata.bidirectional(c) in turned for c in line)
        and line.strip() not in {HEBREW, OVERRIDE}
    ]


def test_no_page_of_the_customer_is_turned_round(
    alices: Client, made: Integration, subtests: pytest.Subtests
) -> None:
    for name in ["integration", "history", "statement"]:
        with subtests.test(name=name):
            answer = alices.get(url_of(name, made))
            assert HEBREW in answer.content.decode()
            assert unguarded(answer) == []


def test_nor_the_list_of_integrations(alices: Client, made: Integration, connect: Connect) -> None:
    connect(made.tenant, tool_id="hibob")
    answer = alices.get(tenant_url(made))
    assert f"<p>{OVERRIDE}</p>" in answer.content.decode()
    assert unguarded(answer) == []


@pytest.fixture
def invalid(made: Integration) -> Integration:
    return made


@pytest.mark.exhaustive
def test_nor_any_page_of_the_site(
    invalid: Integration, root: User, address: Callable[[str], str], alice: User
) -> None:
    """Staff see what names several: tool, customer, person, issue."""
    root.first_name = HEBREW
    root.save()
    client = Client()
    client.force_login(root)
    summaries.recompute([invalid.pk])
    Mail.objects.update(integration=invalid, subject=f"\u2068{HEBREW}\u2069: please reconnect")
    issue = {"title": HEBREW, "type": "x", "raised_at": timezone.now()}
    Issue.objects.create(integration=invalid, issue_id="1", **issue)
    history_record.record_coverage(invalid.pk, {"available": ["hris_employees"]}, timezone.now())
    Note.objects.create(
        integration=invalid, tenant=invalid.tenant, author=root, at=timezone.now(), text="x"
    )
    Tenant.objects.create(name=HEBREW, origin_id="bare")
    arrived = {"environment": "production", "integration_id": "p:9", "seen_at": timezone.now()}
    UnmappedIntegration.objects.create(organization_name=HEBREW, origin_id="bare", **arrived)
    client.post(address("note"), {"text": "x"})
    act: dict[str, Any] = {
        "object": "tenant",
        "name": HEBREW,
        "added": {"groups": [HEBREW, HEBREW]},
    }
    audit.record(acting(root), Act.ADMINISTERED, tenant=invalid.tenant, **act)
    seen, wrong = set(), {}
    for name in set(names(get_resolver().url_patterns)):
        if (
            name.startswith(("admin", "unnamed", "favicon", "email_html", "own_password"))
            or ":" in name
        ):
            continue
        answer = client.get(address(name), {"scope": "all", "d": "hris_employees"})
        if answer.status_code == 200 and "text/html" in answer["Content-Type"]:
            seen.add(name)
            if found := unguarded(answer):
                wrong[name] = found
    assert {"triage", "audit", "changes", "email_log", "webhook_log", "workspace_tenant"} <= seen
    assert wrong == {}


def test_a_sentence_of_a_mail_is_isolated_too(made: Integration) -> None:
    title = headline_of(Snapshot.objects.get(pk=made.pk), vendor="X").title
    assert title == copy.TOOL_NEEDS_TO_BE_RECONNECTED(tool=f"⁨{HEBREW}⁩")


def test_a_subject_is_isolated_too(made: Integration, settings: Any) -> None:
    settings.EMAIL_HOST_NAME = "mail.example"
    made.snapshot.refresh_from_db()
    context = compose.context_about(made, made.snapshot) | {"act": "reconnect", "expires_at": NOW}
    terms: dict[str, Any] = {"tenant": made.tenant, "integration": made, "context": context}
    mail = compose.write_mail("x", kind="hand_off", to="a@b.example", **terms)
    assert f" \u2068{HEBREW}\u2069 " in mail.subject


def test_so_is_each_line_of_a_digest(made: Integration, amy: User) -> None:
    Tenant.objects.filter(pk=made.tenant_id).update(name=HEBREW)
    summaries.recompute([made.pk])
    row = digests._row(Summary.objects.get(), amy, timezone.now())
    assert (row.tenant, row.tool) == (f"\u2068{HEBREW}\u2069", f"\u2068{HEBREW}\u2069")


def test_an_isolated_name_is_escaped(alices: Client, made: Integration) -> None:
    Snapshot.objects.filter(pk=made.pk).update(tool_label=f"<b>{HEBREW}")
    html = alices.get(url_of("integration", made)).content.decode()
    assert f"<bdi>&lt;b&gt;{HEBREW}</bdi>" in html
    assert f"<b>{HEBREW}" not in html
