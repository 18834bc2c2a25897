"""What load balancers ask."""

import pytest
from django.db import connection
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from integrations.simulator.app import Simulator
from tests.views.outages import no_database

# Two for the tables, a write and its end, and on PostgreSQL a file.
READY = 5 if connection.vendor == "postgresql" else 4


@pytest.mark.parametrize(("url", "queries"), [("/healthz", 0), ("/readyz", READY)])
def test_health_is_cheap_anonymous_and_asks_nobody_else(
    client: Client,
    kombo: Simulator,
    db: None,
    django_assert_num_queries: DjangoAssertNumQueries,
    url: str,
    queries: int,
) -> None:
    kombo.set_fault("hanging")
    with django_assert_num_queries(queries):
        response = client.get(url)
    assert (response.status_code, response.content) == (200, b"ok\n")
    assert not response.cookies
    assert "Cookie" not in response.get("Vary", "")
    assert not kombo.calls


def test_without_the_database_it_is_healthy_and_not_ready(client: Client, db: None) -> None:
    with connection.execute_wrapper(no_database):
        assert client.get("/healthz").status_code == 200
        response = client.get("/readyz")
    assert (response.status_code, response.content) == (503, b"database unavailable\n")


def test_health_is_never_cached(client: Client, db: None) -> None:
    for url in ("/healthz", "/readyz"):
        assert "no-store" in client.get(url)["Cache-Control"]
