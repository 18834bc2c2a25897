"""A name that runs from right to left stands for itself and turns no sentence round it."""

import re
import unicodedata

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from integrations.domain.bidi import isolate
from integrations.domain.headline_text import headline_of
from integrations.history import record as history_record
from integrations.models import Integration, Snapshot, Tenant
from tests.conftest import Connect
from tests.views.browsing import tenant_url, url_of

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


def unguarded(html: str) -> list[str]:
    """Places where such a name stands beside a word with nothing that isolates it."""
    text = re.sub(r"<bdi>.*?</bdi>|\u2068.*?\u2069", "", html, flags=re.DOTALL)
    turned = {"R", "AL", "RLO"}
    runs = re.findall(r">([^<>]*)<|=\"([^\"]*)\"", text)
    found = ["".join(run) for run in runs]
    return [
        run
        for run in found
        if any(unicodedata.bidirectional(c) in turned for c in run)
        and run.strip() not in {HEBREW, OVERRIDE}
    ]


@pytest.mark.parametrize("name", ["integration", "history"])
def test_no_page_of_the_customer_is_turned_round(
    name: str, alices: Client, made: Integration
) -> None:
    html = alices.get(url_of(name, made)).content.decode()
    assert HEBREW in html
    assert unguarded(html) == []


def test_nor_the_list_of_integrations(alices: Client, made: Integration, connect: Connect) -> None:
    connect(made.tenant, tool_id="hibob")
    html = alices.get(tenant_url(made)).content.decode()
    assert f"<bdi>{OVERRIDE}</bdi>, connected to" in html
    assert unguarded(html) == []


def test_nor_what_staff_see(root: User, made: Integration) -> None:
    client = Client()
    client.force_login(root)
    for url in (reverse("triage"), reverse("audit")):
        assert unguarded(client.get(url, {"scope": "all"}).content.decode()) == []


def test_a_sentence_of_a_mail_is_isolated_too(made: Integration) -> None:
    title = headline_of(Snapshot.objects.get(pk=made.pk), vendor="X").title
    assert title == f"\u2068{HEBREW}\u2069 needs to be reconnected"


def test_an_isolated_name_is_escaped(alices: Client, made: Integration) -> None:
    Snapshot.objects.filter(pk=made.pk).update(tool_label=f"<b>{HEBREW}")
    html = alices.get(url_of("integration", made)).content.decode()
    assert f"<bdi>&lt;b&gt;{HEBREW}</bdi>" in html
    assert f"<b>{HEBREW}" not in html
