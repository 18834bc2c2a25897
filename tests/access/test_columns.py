"""What a row's cards depend on, as one text of the database's."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User

from integrations.access import columns, permissions
from integrations.models import Integration, Logo, Snapshot, Tenant
from integrations.tenants import mapping
from tests.conftest import NOW

pytestmark = pytest.mark.django_db

ODD = [
    "",
    "null",
    "0",
    '"',
    '","',
    "\\",
    "\\n",
    "\n",
    "é",
    "e\u0301",
    "😀",
    "\u2028",
    "a",
    "A",
    "a ",
]


@pytest.fixture
def made(acme: Tenant) -> Integration:
    return mapping.create(acme, "personio:1")


def text_of(integration: Integration) -> str:
    rows = Integration.objects.filter(pk=integration.pk).annotate(text=columns.as_text())
    [text] = rows.values_list("text", flat=True)
    return str(text)


def put(integration: Integration, **facts: Any) -> str:
    """Return the text of an integration to which something happened."""
    Snapshot.objects.filter(pk=integration.pk).update(**facts)
    return text_of(integration)


def test_what_differs_has_another_text(made: Integration) -> None:
    for key in ("", "null"):
        Logo.objects.create(key=key)
    texts = [
        *(put(made, status=one, setup_status=other) for one in ODD for other in ODD),
        *(put(made, logo=key) for key in ("", "null")),
        *(put(made, fetched_at=NOW + n * timedelta(microseconds=1)) for n in range(3)),
        put(made, beta=True),
        *(put(made, failures=number) for number in (1, 10)),
    ]
    assert len(set(texts)) == len(texts)


def test_nothing_and_an_empty_text_are_two_things(made: Integration) -> None:
    Logo.objects.create(key="")
    assert put(made, logo=None) != put(made, logo="")
    empty = text_of(made)
    Snapshot.objects.all().delete()
    without = text_of(made)
    Snapshot.objects.create(integration=made)
    assert len({empty, without, text_of(made)}) == 3


def test_a_text_stays_what_it_is_while_nothing_differs(made: Integration) -> None:
    before = put(made, tool_label="Personio", fetched_at=NOW)
    put(made, tool_label="HiBob", fetched_at=None)
    Snapshot.objects.filter(pk=made.pk).update(coverage="a grid", check_at=NOW)
    assert put(made, tool_label="Personio", fetched_at=NOW) == before


@pytest.mark.parametrize("name", [name for name in ODD if name])
def test_a_tenant_is_read_as_it_is_written(made: Integration, alice: User, name: str) -> None:
    Tenant.objects.update(name=name, origin_id=f"{name}1")
    known, (grant, rows) = Tenant.objects.get(), permissions.rows(alice, made.tenant.public_id)
    assert (grant.tenant, grant.tenant.name, grant.tenant.origin_id, grant.tenant.public_id) == (
        known,
        name,
        f"{name}1",
        known.public_id,
    )
    assert rows.first_id == made.public_id
