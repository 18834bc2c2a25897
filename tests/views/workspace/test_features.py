"""What the vendor's features need: declared by staff, counted over their customers, and shown to
customers.
"""

from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from integrations.models import AuditEntry, Feature, Tenant
from integrations.workspace import feature_editor, features
from tests import copy
from tests.conftest import Connect
from tests.embed import enter, turn_on
from tests.feature_factories import declare, give
from tests.views.browsing import HTMX, SESSION, Element, read, tenant_url, url_of
from tests.views.conftest import Browser

pytestmark = pytest.mark.django_db

HOSTILE = "<img src=x onerror=alert(1)>"


def posted(**values: Any) -> dict[str, Any]:
    return {
        "name": "Org chart",
        "description": "",
        "needs": "hris_teams",
        "better_with": "",
        **values,
    }


def test_a_feature_is_declared_and_answered_at_once(
    browser: Browser, acme: Tenant, bolt: Tenant
) -> None:
    give(acme, {"hris_teams": "available"})
    root = browser("root")
    page = read(root.get(reverse("features")))
    assert page.one("main").one("h2").text == copy.NO_FEATURES_YET
    answered = root.post(reverse("feature_new"), posted(is_public="on"))
    made = Feature.objects.get()
    assert answered["Location"] == reverse("feature", args=[made.public_id]) + "?saved=1"
    assert copy.SAVED in read(root.get(answered["Location"])).text
    assert made.is_public
    chips = read(root.get(reverse("features"))).all("a", "data-verdict")
    assert [chip.text for chip in chips] == [
        "Works 1",
        "Works partially 0",
        "Doesn’t work 0",
        "Unknown 1",
    ]
    assert chips[2]["href"] == f"{reverse('triage')}?feature={made.public_id}&answer=not"
    entry = AuditEntry.objects.get(what="feature_changed")
    assert (entry.actor, entry.told) == ("root", {"name": "Org chart", "done": "created"})


def test_what_was_typed_is_kept_if_it_makes_no_feature(browser: Browser, acme: Tenant) -> None:
    answered = browser("root").post(
        reverse("feature_new"), posted(needs="hris teams", name=HOSTILE)
    )
    assert answered.status_code == 422
    page = read(answered)
    assert page.one("input", "name", "name")["value"] == HOSTILE
    field = page.one("textarea", "name", "needs")
    assert (field.text, field["aria-invalid"]) == ("hris teams", "true")
    assert page.one("p", "id", "needs-problem").text == copy.NOT_A_VALID_DATA_POINT_NAME(
        name="hris teams"
    )
    assert not Feature.objects.exists()


def test_what_no_tool_has_is_allowed_with_a_warning(browser: Browser, acme: Tenant) -> None:
    give(acme, {"hris_teams": "available"})
    answered = browser("root").post(
        reverse("feature_new"), posted(better_with="hris_nonsense"), follow=True
    )
    (warning,) = (
        one for one in read(answered).all("div", "class", "notice") if one["role"] == "status"
    )
    assert copy.NO_CUSTOMER_TOOL in warning.text
    assert "hris_nonsense" in warning.text
    assert "hris_teams" not in warning.text


def test_what_is_deleted_while_it_is_saved_is_not_there(
    browser: Browser, acme: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    made, root = declare("hris_teams"), browser("root")
    monkeypatch.setattr(feature_editor, "find", lambda _public_id: made)
    Feature.objects.all().delete()
    assert root.post(reverse("feature", args=[made.public_id]), posted()).status_code == 404
    assert not Feature.objects.exists()


def test_a_feature_is_changed_and_deleted(browser: Browser, acme: Tenant) -> None:
    made, root = declare("hris_teams"), browser("root")
    page = reverse("feature", args=[made.public_id])
    form = read(root.get(page))
    assert boxes(form, "needs") == ["hris_teams"]
    assert (
        form.one("form", "action", reverse("feature_delete", args=[made.public_id]))["method"]
        == "post"
    )
    root.post(page, posted(name="Directory", needs="a\nb"))
    assert Feature.objects.get().needs == ["a", "b"]
    gone = reverse("feature_delete", args=[made.public_id])
    assert root.get(gone)["Location"] == page
    assert Feature.objects.exists()
    assert root.post(gone)["Location"] == reverse("features")
    assert not Feature.objects.exists()
    assert (
        root.get(page).status_code
        == root.post(page, posted()).status_code
        == root.post(gone).status_code
        == 404
    )


def boxes(page: Element, name: str) -> list[str]:
    """The data points that are chosen."""
    ticked = [one for one in page.all("input", "name", name) if one["type"] == "checkbox"]
    assert all("checked" in one.attributes for one in ticked)
    return [one["value"] for one in ticked]


def test_data_points_are_added_by_name_before_anything_is_saved(
    browser: Browser, acme: Tenant
) -> None:
    give(acme, {"hris_teams": "available", "hris_employees.manager_id": "available"})
    root = browser("root")
    first = posted(needs="", needs_add="manager", do="add")
    page = read(root.post(reverse("feature_new"), first))
    assert boxes(page, "needs") == ["hris_employees.manager_id"]
    second = first | {"needs": boxes(page, "needs"), "needs_add": "hris_teams"}
    page = read(root.post(reverse("feature_new"), second))
    assert boxes(page, "needs") == ["hris_employees.manager_id", "hris_teams"]
    assert page.one("input", "name", "name")["value"] == "Org chart"
    assert not Feature.objects.exists()
    last = posted(needs=boxes(page, "needs")[1:], needs_add="hris_employees.manager_id")
    root.post(reverse("feature_new"), last)
    assert Feature.objects.get().needs == ["hris_teams", "hris_employees.manager_id"]


def test_a_name_that_means_no_data_point_stays_to_be_mended(browser: Browser, acme: Tenant) -> None:
    answered = browser("root").post(reverse("feature_new"), posted(needs_add="no such thing"))
    assert answered.status_code == 422
    assert read(answered).one("textarea", "name", "needs").text == "no such thing"


def test_a_name_that_is_taken_is_said(browser: Browser, acme: Tenant) -> None:
    declare()
    answered = browser("root").post(reverse("feature_new"), posted())
    assert answered.status_code == 422
    assert copy.A_FEATURE_WITH_THIS_NAME in read(answered).text


def test_staff_without_the_permission_may_look_only(browser: Browser, mia: User) -> None:
    made, mias = declare(), browser("mia")
    page = read(mias.get(reverse("features")))
    assert page.one("section", "data-feature", made.public_id)
    assert not page.all("a", "href", reverse("feature_new"))
    assert not page.all("a", "href", reverse("feature", args=[made.public_id]))
    for name, ids in (("feature_new", []), ("feature", [made.public_id])):
        assert mias.get(reverse(name, args=ids)).status_code == 404
        assert mias.post(reverse(name, args=ids), posted()).status_code == 404
    assert mias.post(reverse("feature_delete", args=[made.public_id])).status_code == 404
    mia.user_permissions.add(Permission.objects.get(codename="change_feature"))
    assert browser("mia").get(reverse("feature", args=[made.public_id])).status_code == 200


def test_customers_may_not_look(browser: Browser, alice: User) -> None:
    assert browser("alice").get(reverse("features")).status_code == 404


def test_counts_are_of_ones_own_customers(
    browser: Browser, acme: Tenant, bolt: Tenant, amy: User
) -> None:
    give(acme, {"hris_teams": "available"})
    give(bolt, {"hris_teams": "available"})
    declare("hris_teams")
    for who, number in (("amy", 1), ("root", 2)):
        chips = read(browser(who).get(reverse("features"))).all("a", "data-verdict", "works")
        assert [chip.text for chip in chips] == [f"Works {number}"]


@pytest.mark.parametrize("number", [1, 4])
def test_the_list_costs_the_same_for_few_and_many(
    browser: Browser, acme: Tenant, django_assert_num_queries: DjangoAssertNumQueries, number: int
) -> None:
    for n in range(number):
        declare(name=f"Feature {n}")
    root = browser("root")
    # Features and answers, the installation's state in two, the vendor's identity.
    with django_assert_num_queries(SESSION + 2 + 2 + 1):
        page = read(root.get(reverse("features")))
    assert len(page.all("section", "data-feature")) == number


def test_hostile_names_are_text(browser: Browser, acme: Tenant) -> None:
    declare("hris_teams", name=HOSTILE, is_public=True)
    give(acme, {"hris_teams": "opted_out"}, tool=HOSTILE)
    features.mark_stale()
    features.evaluate_stale()
    for url in (
        reverse("features"),
        reverse("feature", args=[Feature.objects.get().public_id]),
    ):
        assert not [one for one in read(browser("root").get(url)) if "onerror" in one.attributes]


# --- What customers see ---------------------------------------------------------------------------


@pytest.fixture
def told(acme: Tenant, connect: Connect) -> Any:
    made = connect(acme)
    declare("hris_employees", "hris_employees.nonsense", is_public=True)
    declare("hris_employees", name="Our secret")
    return made


def test_a_customer_sees_public_features_and_why_not(browser: Browser, told: Any) -> None:
    page = read(browser("alice").get(tenant_url(told)))
    section = page.one("section", "id", "features")
    assert section.one("h2").text == copy.AVAILABLE_FEATURES
    (row,) = section.all("li", "data-feature")
    assert (row["data-feature"], row["data-verdict"]) == ("Org chart", "partly")
    assert (
        copy.NOT_PROVIDED_BY_ANY_CONNECTED_TOOL
        in row.one("div", "data-missing", "hris_employees.nonsense").text
    )
    assert "Our secret" not in page.text


def test_of_several_integrations_only_the_tenants_page_says_it(
    browser: Browser, told: Any, acme: Tenant, connect: Connect
) -> None:
    connect(acme)
    features.evaluate_stale()
    alices = browser("alice")
    assert read(alices.get(tenant_url(told))).one("section", "id", "features")
    assert not read(alices.get(url_of("integration", told))).all("section", "id", "features")
    assert not read(alices.get(url_of("card", told), headers=HTMX)).all("section", "id", "features")


def test_a_frame_says_it_too(settings: Any, told: Any) -> None:
    turn_on(settings)
    frame = enter()
    assert read(frame.get(frame.on("tenant"))).one("li", "data-feature", "Org chart")


def test_where_no_feature_is_public_nothing_is_said(browser: Browser, told: Any) -> None:
    Feature.objects.update(is_public=False)
    assert not read(browser("alice").get(tenant_url(told))).all("section", "id", "features")


@pytest.mark.exhaustive(keep=2)
@pytest.mark.parametrize("public", [0, 4, 1])
def test_it_costs_a_customers_page_the_same(
    browser: Browser, told: Any, django_assert_num_queries: DjangoAssertNumQueries, public: int
) -> None:
    Feature.objects.update(is_public=False)
    for n in range(public):
        declare(name=f"Feature {n}", is_public=True)
    alices = browser("alice")
    # The integrations, the only grid, the answers; of every page the days of its cards, when it can
    # be synced, what was begun to be connected, the vendor's identity and the person's
    # organizations; what it replaces; and what would bring a feature that does not work, in two.
    with django_assert_num_queries(SESSION + 1 + 1 + 1 + 5 + 1 + (2 if public else 0)):
        page = read(alices.get(tenant_url(told)))
    assert len(page.all("li", "data-feature")) == public
