"""What tests of the address for webhooks send and count."""

from django.apps import apps

from tests.webhook_payloads import encoded, event

OTHERS_SECRET = "whsec-us-9876543210"


def rows() -> dict[str, int]:
    """How many there are in every table."""
    return {model._meta.label: model._default_manager.count() for model in apps.get_models()}


def body_of(kind: str = "integration-state-changed") -> bytes:
    return encoded(event(kind))


def padded(size: int) -> bytes:
    body = body_of()
    return body + b" " * (size - len(body))
