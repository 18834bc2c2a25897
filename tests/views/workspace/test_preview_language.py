"""The preview speaks the customer's language, its bar the reader's."""

from django.test import Client

from integrations.models import Integration, Tenant
from tests.views.browsing import HTMX, Element, read, url_of
from tests.views.workspace.preview_pages import look, there


def language(page: Element) -> str:
    return page.one("html")["lang"]


def test_it_speaks_the_customers_language_its_bar_the_readers(
    amys: Client, acme: Tenant, broken: Integration
) -> None:
    Tenant.objects.filter(pk=acme.pk).update(language="de")
    response = amys.get(there("integration", broken), headers={"Accept-Language": "fr"})
    page = read(response)
    assert (language(page), response["Content-Language"]) == ("de", "de")
    assert page.one("article").text.count("muss neu verbunden werden") == 1
    assert page.one("section", "class", "notice preview-bar")["lang"] == "fr"
    assert "Als Kunde" not in page.one("main").text


def test_without_one_it_speaks_the_sites(amys: Client, broken: Integration) -> None:
    assert language(look(amys, there("integration", broken), **{"Accept-Language": "fr"})) == "en"


def test_another_language_is_looked_at_in_its_fragments_too(
    amys: Client, broken: Integration
) -> None:
    page = look(amys, there("integration", broken) + "?language=de")
    chosen = page.one("section", "class", "notice preview-bar").all("a", "aria-current")
    assert (language(page), [one["lang"] for one in chosen]) == ("de", ["de"])
    current = f"http://testserver{there('integration', broken)}?language=de"
    card = look(amys, there("poll", broken), **HTMX, **{"HX-Current-URL": current})
    assert "muss neu verbunden werden" in card.text


def test_a_language_that_is_not_ours_is_the_customers(amys: Client, broken: Integration) -> None:
    for asked in ("xx", "", "de-AT" * 999):
        response = amys.get(there("integration", broken), {"language": asked})
        assert language(read(response)) == "en", asked


def test_the_readers_own_language_stays_what_it_is(
    amys: Client, acme: Tenant, broken: Integration
) -> None:
    Tenant.objects.filter(pk=acme.pk).update(language="de")
    amys.get(there("integration", broken))
    assert language(look(amys, url_of("workspace_integration", broken))) == "en"
