"""Finding customers, integrations, tools and pages from anywhere in the workspace."""

from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from integrations.models import Integration, Snapshot, Tenant
from integrations.workspace import summaries
from tests import copy
from tests.conftest import allow
from tests.views.browsing import HTMX, read
from tests.views.conftest import Browser

FIND = reverse("find")


def links(client: Client, text: str) -> dict[str, str]:
    """The text of each link that is found, by its address."""
    found = read(client.get(FIND, {"q": text}, headers=HTMX))
    return {link["href"]: link.text for link in found.all("a")}


def test_a_customer_their_integrations_and_a_tool_are_found(
    mias: Client, two: list[Integration], acme: Tenant
) -> None:
    customer = reverse("workspace_tenant", args=[acme.public_id])
    integration = reverse("workspace_integration", args=[acme.public_id, two[0].public_id])
    assert links(mias, "ACM") == {
        customer: "Acme GmbH acme",
        integration: f"Acme GmbH Personio {copy.RECONNECT_REQUIRED}",
    }
    assert links(mias, "perso") == {
        integration: f"Acme GmbH Personio {copy.RECONNECT_REQUIRED}",
        f"{reverse('triage')}?tool=Personio": "Personio",
    }


def test_a_customer_without_an_integration_is_found(mias: Client, two: list[Integration]) -> None:
    bare = Tenant.objects.create(name="Zenith AG", origin_id="z-1")
    assert links(mias, "zen") == {
        reverse("workspace_tenant", args=[bare.public_id]): "Zenith AG z-1"
    }


def test_nobody_finds_another_managers_customers(
    amys: Client, browser: Browser, two: list[Integration]
) -> None:
    Tenant.objects.create(name="Zenith AG", origin_id="zenith")
    neds = browser("ned")
    for text in ("bolt", "bamboo", "zenith", "acme"):
        found = str(links(amys, text)).lower()
        assert ("acme" in found) == (text == "acme")
        assert not {"bolt", "bamboo", "zenith"} & set(found.replace("'", " ").split())
        assert links(neds, text) == {}


def test_a_customer_is_told_of_no_workspace(browser: Browser, two: list[Integration]) -> None:
    assert browser("alice").get(FIND, {"q": "acme"}).status_code == 404


def test_pages_and_acts_are_found_as_far_as_one_may(
    mias: Client, mia: User, two: list[Integration]
) -> None:
    assert reverse("features") in links(mias, "feat")
    assert reverse("feature_new") not in links(mias, "new")
    assert reverse("audit") not in links(mias, "")
    allow(mia, "change_feature", "view_auditentry")
    assert list(links(mias, "new")) == [reverse("feature_new")]
    assert {reverse("triage"), reverse("audit"), reverse("triage_csv")} <= set(links(mias, ""))


def test_no_text_is_an_error(mias: Client, two: list[Integration]) -> None:
    for text in ("&", "% @@@", "a" * 5000, "🦄", "acme\t'"):
        page = read(mias.get(FIND, {"q": text}))
        assert page.one("div", "class", "panel found"), text


def test_it_costs_the_same_for_few_and_many(
    mias: Client, two: list[Integration], acme: Tenant
) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            links(mias, "acme")
        return len(captured)

    few = queries()
    made = [Integration(tenant=acme, integration_id=f"personio:{number}") for number in range(9)]
    Integration.objects.bulk_create(made)
    Snapshot.objects.bulk_create([Snapshot(integration=one) for one in made])
    summaries.create_missing()
    assert queries() == few <= 10


def test_single_keys_can_be_turned_off_in_a_browser(mias: Client, two: list[Integration]) -> None:
    def is_off() -> bool:
        return (
            "data-off" in read(mias.get(reverse("triage"))).one("dialog", "id", "keys").attributes
        )

    assert not is_off()
    answer = mias.post(reverse("keys"), {"next": f"{reverse('triage')}?q=x"})
    assert answer["Location"] == f"{reverse('triage')}?q=x"
    assert is_off()
    elsewhere = mias.post(reverse("keys"), {"on": "1", "next": "https://evil.example/"})
    assert elsewhere["Location"] == reverse("triage")
    assert not is_off()
