"""What webhooks say of people is not kept beyond what is used."""

import json
from typing import Any

import pytest

from integrations.kombo.webhooks import kept, parse
from integrations.models import Event
from integrations.webhooks import inbox
from tests.webhook_payloads import TYPES, documented, encoded, event

pytestmark = pytest.mark.django_db
SECRET = "Erika Mustermann"


def stored(document: object) -> Any:
    inbox.receive("production", encoded(document))
    return json.loads(Event.objects.get().payload)


def salted(value: Any) -> Any:
    """The same with somebody's name under a new key in each object."""
    if isinstance(value, dict):
        return {key: salted(one) for key, one in value.items()} | {"candidate": SECRET}
    return [salted(one) for one in value] if isinstance(value, list) else value


@pytest.mark.parametrize(
    "kind",
    [
        "assessment:order-received",
        "inline-assessment:order-received",
        "ai-apply-application-status-updated",
        "remote-event-received",
        "of-a-later-version",
    ],
)
def test_of_unused_types_id_and_type_alone_are_stored(kind: str) -> None:
    data = {"candidate": {"first_name": "Erika", "email": "erika@candidate.example"}}
    said = stored({"id": "e1", "type": kind, "data": data, "more": SECRET})
    assert said == {"id": "e1", "type": kind, "data": {}}


@pytest.mark.parametrize("kind", TYPES)
def test_of_used_types_nothing_unused_is_stored(kind: str) -> None:
    document = event(kind)
    said = stored(salted(document))
    assert SECRET not in json.dumps(said)
    assert "creator_email" not in json.dumps(said)
    assert parse(json.dumps(said).encode()) == parse(encoded(document))


@pytest.mark.parametrize("kind", TYPES)
def test_what_is_stored_is_stored_the_same_again(kind: str) -> None:
    """So that it can be worked later, as often as it takes."""
    once = kept(parse(documented(kind)))
    assert kept(parse(once.encode())) == once
