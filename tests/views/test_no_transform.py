"""Proxies that hide mail addresses leave what we answer as it is."""

from django.test import Client

from integrations.models import Integration, Tenant
from tests.conftest import Connect
from tests.views.browsing import acts, visits


def test_no_answer_may_be_transformed(alices: Client, acme: Tenant, connect: Connect) -> None:
    """Their script undoes it in a page once, and not in cards that are swapped in later."""
    made: Integration = connect(acme, state="invalid")
    for name, response in [*visits(alices, made), *acts(alices, made)]:
        if not name.endswith("logo"):
            assert "no-transform" in response["Cache-Control"].split(", "), name
