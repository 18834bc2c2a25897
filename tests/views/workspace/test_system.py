"""The page about the installation itself: for whoever runs it, and for nobody else."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.urls import reverse
from django.utils import timezone

from integrations.models import Integration, Upstream
from tests import copy
from tests.conftest import allow
from tests.views.browsing import read
from tests.views.conftest import Browser

URL = reverse("system")


def severities(page: Any) -> dict[str, str]:
    return {one["data-line"]: one["data-severity"] for one in page.all("div", "data-line")}


def test_all_is_well(browser: Browser, well: Integration) -> None:
    page = read(browser("root").get(URL))
    assert copy.NOTHING_NEEDS_ACTION in page.text
    assert "action_required" not in severities(page).values()


def test_what_is_red_says_what_to_do(browser: Browser, well: Integration) -> None:
    Upstream.objects.update(refused_since=timezone.now())
    page = read(browser("root").get(URL))
    assert severities(page)["key"] == "action_required"
    assert "KOMBO_API_KEY" in page.one("div", "data-line", "key").text
    assert copy.N_THINGS_NEED_ACTION(n=1) in page.text
    assert not page.all("", "data-installation")  # it is said once


def test_the_banner_leads_there(browser: Browser, mia: User, well: Integration) -> None:
    Upstream.objects.update(refused_since=timezone.now())
    mias = browser("mia")
    assert URL not in mias.get(reverse("triage")).content.decode()
    assert mias.get(URL).status_code == 404
    allow(mia, "view_system")
    assert mias.get(reverse("triage")).content.decode().count(f'href="{URL}"') == 2  # and the menu
    assert mias.get(URL).status_code == 200


@pytest.mark.parametrize("name", ["alice", "amy", "mia"])
def test_nobody_else_sees_it(browser: Browser, name: str, well: Integration) -> None:
    assert browser(name).get(URL).status_code == 404
