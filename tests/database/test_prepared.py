"""Queries whose SQL is built once: the rows are those of the same queryset, built anew."""

from collections.abc import Callable
from datetime import datetime, timedelta
from threading import Thread
from typing import Any

import pytest
from django.db import connection
from django.db.models import F, Q, QuerySet, TextField
from django.db.models.functions import Cast, JSONArray
from django.test.utils import CaptureQueriesContext

from integrations.database.prepared import Prepared
from integrations.models import Integration, Snapshot, Tenant
from integrations.tenants import mapping
from tests.conftest import NOW

pytestmark = pytest.mark.django_db

BUILDERS: dict[str, tuple[Callable[..., QuerySet[Any, Any]], list[list[Any]]]] = {
    "a number": (lambda pk: Tenant.objects.filter(pk=pk), [[1], [2], [3]]),
    "a text": (
        lambda name: Tenant.objects.filter(origin_id=name).values_list("name", flat=True),
        [["acme"], ["globex"], ["parameter \x1f0"], ["' OR 1=1 --"]],
    ),
    "several": (
        lambda pks: Integration.objects.filter(tenant__in=pks).order_by("pk"),
        [[[1, 2]], [[2]], [[]], [[2, 1]], [[1, 1]]],
    ),
    "texts": (
        lambda ids, tenant: Integration.objects.filter(integration_id__in=ids, tenant=tenant),
        [[["personio:1", "hibob:2"], 1], [["hibob:2"], 2], [["none", "nor this"], 1]],
    ),
    "an instant, moved": (
        lambda now: Snapshot.objects.filter(
            Q(fetched_at__gt=now - timedelta(days=1)) | Q(fetched_at__lt=now - timedelta(days=9))
        ).order_by("pk"),
        [[NOW], [NOW - timedelta(days=5)], [NOW + timedelta(days=30, microseconds=1)]],
    ),
    "joined, with columns of both": (
        lambda tenant: (
            Integration.objects.filter(tenant=tenant)
            .select_related("tenant", "snapshot")
            .annotate(customer=F("tenant__name"))
            .order_by("pk")
        ),
        [[1], [2]],
    ),
    "a text that the database makes": (
        lambda tenant: (
            Integration.objects.filter(tenant=tenant)
            .annotate(text=Cast(JSONArray("environment", "snapshot__fetched_at"), TextField()))
            .values_list("text", "tenant", named=True)
        ),
        [[1], [2]],
    ),
}


@pytest.fixture(autouse=True)
def made(db: None) -> None:
    for number, (name, tool) in enumerate([("acme", "personio:1"), ("globex", "hibob:2")], 1):
        tenant = Tenant.objects.create(pk=number, name=name.title(), origin_id=name)
        row = mapping.create(tenant, tool)
        Snapshot.objects.filter(pk=row.pk).update(fetched_at=NOW - timedelta(days=10 * number - 10))


def shown(rows: Any) -> list[Any]:
    """Rows with everything that was read of them."""
    return [
        {name: value for name, value in vars(row).items() if name != "_state"}
        if hasattr(row, "pk")
        else row
        for row in rows
    ]


@pytest.mark.parametrize("name", BUILDERS)
def test_its_rows_are_the_querysets(name: str) -> None:
    build, calls = BUILDERS[name]
    prepared = Prepared(build)
    for parameters in [*calls, *calls]:
        assert shown(prepared(*parameters)) == shown(build(*parameters))


def test_related_rows_come_with_it() -> None:
    prepared = Prepared(BUILDERS["joined, with columns of both"][0])
    for _time in range(2):
        with CaptureQueriesContext(connection) as queries:
            (row,) = prepared(2)
            assert (row.tenant.name, row.customer, row.snapshot.pk) == ("Globex", "Globex", row.pk)
        assert len(queries) == 1


def test_the_sql_is_built_once_for_each_shape() -> None:
    built: list[Any] = []

    def build(ids: list[str]) -> QuerySet[Integration]:
        built.append(ids)
        return Integration.objects.filter(integration_id__in=ids)

    prepared = Prepared(build)
    for ids in (["a"], ["b"], ["c", "d"], ["e"], ["f", "g"]):
        prepared(ids)
    assert len(built) == 2


def test_each_thread_has_its_own() -> None:
    prepared = Prepared(lambda pk: Tenant.objects.filter(pk=pk))
    assert [row.name for row in prepared(1)] == ["Acme"]
    seen: list[dict[str, Any]] = []
    thread = Thread(target=lambda: seen.append(dict(vars(prepared._of_thread))))
    thread.start()
    thread.join()
    assert (seen, len(vars(prepared._of_thread))) == ([{}], 1)


@pytest.mark.parametrize(
    "build",
    [
        lambda text: Tenant.objects.filter(name__contains=text),
        lambda text: Tenant.objects.filter(name__iexact=text.upper()),
        lambda _text: Tenant.objects.all(),
        lambda _text: Tenant.objects.none(),
    ],
)
def test_a_parameter_that_is_hidden_is_refused(build: Callable[..., QuerySet[Any]]) -> None:
    with pytest.raises(TypeError):
        Prepared(build)("acme")


def test_an_instant_is_written_as_the_database_has_it() -> None:
    prepared = Prepared(lambda now: Snapshot.objects.filter(fetched_at=now))
    rows = prepared(datetime.fromisoformat("2026-08-01T14:00:00.000001+02:00"))
    assert rows == []
    known = Snapshot.objects.order_by("pk")[0]
    assert known.fetched_at
    assert prepared(known.fetched_at) == [known]
