"""Every page of the workspace tells what is wrong with the installation; no customer's does."""

import pytest
from django.urls import reverse
from django.utils import timezone

from integrations.models import Integration, Tenant, Upstream
from integrations.workspace import installation
from tests.conftest import Connect
from tests.views.browsing import read, url_of
from tests.views.conftest import Browser

PAGES = ["triage", "features", "datapoints", "matrix", "changes", "email_log", "audit"]


@pytest.fixture
def made(acme: Tenant, connect: Connect) -> Integration:
    return connect(acme)


@pytest.fixture
def refused(made: Integration) -> None:
    """Kombo refuses the key of the one environment."""
    installation.note_worker()
    Upstream.objects.update(refused_since=timezone.now())


def test_each_page_says_so(browser: Browser, made: Integration, refused: None) -> None:
    urls = [reverse(name) for name in [*PAGES, "webhook_log", "email_preferences"]]
    urls += [url_of("workspace_integration", made)]
    urls += [reverse("workspace_tenant", args=[made.tenant.public_id])]
    roots = browser("root")
    for url in urls:
        response = roots.get(url)
        assert response.status_code == 200, url
        told = read(response).one("", "data-installation").all("li")
        assert [one["data-problem-key"] for one in told] == ["key_refused"], url
        assert "production" in told[0].text


def test_no_customer_hears_of_it(browser: Browser, made: Integration, refused: None) -> None:
    for name in ("integration", "history"):
        page = browser("alice").get(url_of(name, made)).content.decode()
        assert "data-installation" not in page
        preview = browser("root").get(f"/workspace/preview{url_of(name, made)}").content.decode()
        assert "data-installation" not in preview


def test_where_nothing_is_wrong_nothing_stands_there(browser: Browser, made: Integration) -> None:
    installation.note_worker()
    assert "data-installation" not in browser("root").get(reverse("triage")).content.decode()
