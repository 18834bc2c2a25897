"""No page, file or email has a text that nobody can translate."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth.models import User
from django.db import transaction
from django.test import Client
from django.urls import reverse

from integrations.models import Mail
from integrations.simulator.app import Simulator
from tests.embed import URLS, enter, turn_on
from tests.every_mail import write_every_mail
from tests.words import pseudo
from tests.words.data import data
from tests.words.reading import Data, texts_in, texts_of
from tests.words.walking import SITE, Places, patterns, signed_in

pytestmark = pytest.mark.django_db
PREVIEW = "integrations.urls.preview"
FOR_PROGRAMS = {"statement_csv"}  # whose headings are keys
OF_A_CUSTOMER = ["workspace_tenant", "workspace_integration"]
QUERIES: dict[str, list[dict[str, Any]]] = {
    "tenant": [{}],
    "integration": [
        {},
        {"open": "all", "show": "unavailable"},
        {"q": "no such thing"},
        {"show": "opted_out"},
    ],
    "coverage_fields": [{"group": "hris_employees"}],
    "history": [{}, {"kind": "sync"}, {"kind": "settings"}],
    "overview": [{}, {"scope": "all", "days": "30"}, {"scope": "mine"}],
    "triage": [{}, {"scope": "all"}, {"scope": "mine"}, {"q": "no such thing"}, {"snoozed": "1"}],
    "datapoints": [
        {},
        {"q": "manager"},
        {"q": "hris_employees.manager_id"},
        {"q": "no such thing"},
    ],
    "datapoints_csv": [{"q": "hris_employees.manager_id"}],
    "matrix": [{}, {"d": ["hris_employees.manager_id", "hris_teams"]}, {"d": "nothing"}],
    "matrix_csv": [{"d": ["hris_employees.manager_id", "hris_teams"]}],
    "changes": [{}, {"days": "30"}, {"days": "1"}],
    "audit": [{}, {"q": "no such thing"}],
    "email_log": [{}, {"q": "no such thing"}],
}
"""What is asked of the pages that show something else by it."""


class Found:
    """Words that no translation made, each with where they stand."""

    def __init__(self, places: Places) -> None:
        self.places, self._data = places, Data(data())
        self._words: defaultdict[str, set[str]] = defaultdict(set)
        self.pages = 0

    def read(self, where: str, texts: Iterable[str]) -> None:
        self.pages += 1
        for words in self._data.untouched(texts):
            self._words[words].add(where)

    def get(self, client: Client, urlconf: str, names: Iterable[str], *, only: str = "") -> None:
        """Read all addresses of these names."""
        for name in set(names) - FOR_PROGRAMS:
            for address in self.places.addresses(urlconf, name, only=only):
                for query in QUERIES.get(name, [{}]):
                    self.read(f"{name} {query or ''}", texts_of(client.get(address, query)))

    def post(self, client: Client, urlconf: str, names: Iterable[str], *, only: str = "") -> None:
        """Read what comes of a form with nothing in it, and take back what it did."""
        for name in names:
            for address in self.places.addresses(urlconf, name, only=only):
                with transaction.atomic():
                    answer = client.post(address, follow=True)
                    transaction.set_rollback(True)
                self.read(f"POST {name}", texts_of(answer))

    @property
    def words(self) -> str:
        """A line for each, with three of the places."""
        lines = (f"{words!r} in {sorted(self._words[words])[:3]}" for words in sorted(self._words))
        return "\n".join(lines)


@pytest.fixture(scope="module", autouse=True)
def accented() -> Iterator[None]:
    with pseudo.spoken():
        yield


@pytest.fixture
def found(seeded: Simulator, settings: Any) -> Found:
    turn_on(settings)
    return Found(Places(User.objects.get(username="root")))


def below(path: str, urlconf: str = SITE) -> list[str]:
    """The names of the addresses below a path."""
    return [
        name for name, (_arguments, route) in patterns(urlconf).items() if route.startswith(path)
    ]


@pytest.mark.exhaustive
def test_the_customers_pages(found: Found) -> None:
    pages = below("t/")
    found.get(signed_in("alice"), SITE, pages, only="acme")
    for origin_id in ("gallery", "mismatch", "cobalt"):
        found.get(signed_in("gina"), SITE, ["tenant", "banner"], only=origin_id)
    found.get(signed_in("gina"), SITE, ["history", "hand_off_offer"], only="gallery")
    found.get(signed_in("root"), SITE, ["tenant", "integration"], only="mismatch")
    found.post(signed_in("alice"), SITE, pages, only="acme")
    found.post(signed_in("gina"), SITE, pages, only="mismatch")
    assert found.pages > 60
    assert not found.words, found.words


@pytest.mark.exhaustive
def test_the_workspace(found: Found) -> None:
    pages = below("workspace/")
    found.get(signed_in("root"), SITE, pages, only="acme")
    found.get(
        signed_in("root"), SITE, ["workspace_tenant", "workspace_integration"], only="gallery"
    )
    found.get(
        signed_in("root"), SITE, ["workspace_tenant", "workspace_integration"], only="mismatch"
    )
    found.get(signed_in("mia"), SITE, ["overview", "triage", "features", "datapoints"])
    found.get(signed_in("root"), PREVIEW, ["tenant", "history"], only="acme")
    found.post(signed_in("root"), SITE, pages, only="acme")
    assert found.pages > 100
    assert not found.words, found.words


@pytest.mark.exhaustive
def test_what_everybody_reads(found: Found) -> None:
    pages = [name for name in patterns(SITE) if name not in {*below("t/"), *below("workspace/")}]
    for client in (Client(), signed_in("gina")):
        found.get(client, SITE, pages)
        found.post(client, SITE, pages)
        found.read("not found", texts_of(client.get("/nowhere/")))
        found.read("bad request", texts_of(client.get("/", headers={"Host": "evil.example"})))
        client.handler.enforce_csrf_checks = True
        found.read("expired form", texts_of(client.post(reverse("login"))))
    assert found.pages > 60
    assert not found.words, found.words


@pytest.mark.exhaustive
def test_the_embedded_view(found: Found) -> None:
    pages = [name for name in below("embed/", URLS) if name != "embed_session"]
    for sub in ("acme", "gallery", "cobalt"):
        frame = enter(Client(), view="list", sub=sub)
        found.read("embed_session", texts_in(frame.content))
        guest = Client(headers={"Authorization": f"Bearer {frame.key}"})
        found.get(guest, URLS, pages if sub == "acme" else ["tenant", "badge"], only=sub)
    guest = Client(headers={"Authorization": f"Bearer {enter(Client(), view='none').key}"})
    found.post(guest, URLS, pages, only="acme")
    assert found.pages > 40
    assert not found.words, found.words


@pytest.mark.exhaustive
def test_our_part_of_the_administration(found: Found) -> None:
    client = signed_in("root")
    for model in admin.site._registry:
        if model._meta.app_label != "integrations":
            continue
        name = f"admin:integrations_{model._meta.model_name}"
        pages = {"list": reverse(f"{name}_changelist"), "add": reverse(f"{name}_add")}
        for one in model._base_manager.all()[:1]:
            pages |= {
                page: reverse(f"{name}_{page}", args=[one.pk])
                for page in ("change", "delete", "history")
            }
        for page, address in pages.items():
            found.read(f"{page} of {name}", texts_of(client.get(address)))
    found.read("admin", texts_of(client.get(reverse("admin:index"))))
    assert found.pages > 20
    assert not found.words, found.words


@pytest.mark.exhaustive
def test_emails(found: Found, settings: Any) -> None:
    settings.EMAIL_HOST_NAME = "localhost"
    write_every_mail()
    mails = list(Mail.objects.all())
    for mail in mails:
        found.read(f"subject of {mail.kind}", [mail.subject])
        found.read(f"text of {mail.kind}", mail.text.splitlines())
        found.read(f"HTML of {mail.kind}", texts_in(mail.html))
    assert not found.words, found.words


@pytest.mark.parametrize(
    ("message", "accented"),
    [
        ("Reconnect %(tool)s", "⟦Ŕéçöññéçţ %(tool)s⟧"),
        ("Read <a>the docs</a> & %d more", "⟦Ŕéåð <a>ţĥé ðöçš</a> & %d ɱöŕé⟧"),
    ],
)
def test_a_pseudo_translation_keeps_what_is_put_in(message: str, accented: str) -> None:
    assert pseudo.pseudo(message) == accented


def test_this_test_sees_what_it_should() -> None:
    names = Data(["Acme GmbH", "hris_employees.iban"])
    page = """<p title="Acme GmbH and others" data-trouble="Not sent">⟦Ŕéåð⟧ hris_employees.iban
        <code>left out</code> <input placeholder="Search"> https://a.example/b a.csv</p>"""
    assert names.untouched(texts_in(page)) == {"and others", "Not sent", "Search"}
