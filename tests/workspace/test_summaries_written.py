"""A summary is written when what it tells changes, and by no check that finds nothing new."""

from datetime import timedelta

from django.contrib.auth.models import User
from django.db import connection
from django.test.utils import CaptureQueriesContext

from integrations.models import Integration, Snapshot, Summary, Tenant
from integrations.simulator.app import Simulator
from integrations.upstream import snapshots
from integrations.workspace import triage
from integrations.workspace.triage_filter import TriageFilter
from tests.conftest import Connect


def written(made: Integration) -> list[str]:
    """Check an integration. Return the statements that write its row of the list."""
    with CaptureQueriesContext(connection) as queries:
        snapshots.revalidate(made, by_person=True)
    said = [query["sql"] for query in queries.captured_queries]
    assert any(sql.startswith('UPDATE "integrations_snapshot"') for sql in said)
    return [
        sql
        for sql in said
        if sql.startswith(('UPDATE "integrations_summary"', 'INSERT INTO "integrations_summary"'))
    ]


def test_a_check_without_news_writes_no_summary(acme: Tenant, connect: Connect) -> None:
    made = connect(acme)
    assert written(made) == []


def test_a_check_with_news_writes_what_changed_alone(
    acme: Tenant, connect: Connect, kombo: Simulator
) -> None:
    made = connect(acme)
    body = kombo.details(made.integration_id)
    assert body
    kombo.add({**body, "beta": not body["beta"]})
    (sql,) = written(made)
    columns = sql.partition(" SET ")[2].partition(" WHERE ")[0]
    assert columns.count("=") == 1
    assert columns.startswith('"beta" = ')


def test_the_list_is_ordered_by_the_latest_check(
    root: User, acme: Tenant, connect: Connect
) -> None:
    first, never, last = connect(acme), connect(acme, fetched=False), connect(acme)
    Summary.objects.update(rank=5)
    row = Snapshot.objects.get(pk=first.pk)
    assert row.fetched_at
    earlier = row.fetched_at - timedelta(hours=1)
    Snapshot.objects.filter(pk=first.pk).update(fetched_at=earlier)
    state, rows = triage.scoped(root, TriageFilter(scope="all", sort="check"))
    shown = triage.page(triage.ordered(rows, state), state)
    assert [one.pk for one in shown] == [never.pk, first.pk, last.pk]
    assert [one.fetched_at for one in shown][1] == earlier
