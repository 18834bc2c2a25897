"""Browsers by name, and a tenant that has an integration in every state."""

import os
import runpy
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, cast

import msgspec
import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from integrations.access import hand_offs, rate_limits, repair_handles
from integrations.access.loading import Rows
from integrations.domain import accent
from integrations.kombo.schema import CustomField
from integrations.models import (
    BulkCheck,
    Feature,
    FieldMapping,
    Integration,
    Mail,
    Outage,
    Tenant,
)
from integrations.simulator import states
from integrations.simulator.app import Simulator
from integrations.upstream import snapshots
from integrations.workspace import identity
from tests.conftest import Connect, acting
from tests.embed import turn_on
from tests.pictures import PNG
from tests.views import to_connect
from tests.views.access_answers import (
    ACCOUNT_URLS,
    HAND_OFF_URLS,
    INTEGRATION_URLS,
    TENANT_URLS,
    WORKBENCH_URLS,
)
from tests.views.hand_off_pages import handed
from tests.views.invited import invited

PEOPLE = ("nobody", "alice", "vic", "bob", "amy", "ned", "mia", "root")

type Browser = Callable[[str], Client]
type Meanwhile = Callable[[Callable[[], object]], None]


@pytest.fixture
def browser(request: pytest.FixtureRequest, sign_in: Callable[[User], Client]) -> Browser:
    """The browser of one of the cast by name, or of `nobody`."""

    def browser(name: str) -> Client:
        return (
            Client() if name == "nobody" else sign_in(cast("User", request.getfixturevalue(name)))
        )

    return browser


@pytest.fixture
def alices(browser: Browser) -> Client:
    """Where most tests look from: a member of acme."""
    return browser("alice")


@pytest.fixture
def every_state(acme: Tenant, connect: Connect, kombo: Simulator) -> list[Integration]:
    """Acme with one integration in each state Kombo knows, and those only we know."""
    made = [connect(acme, state=state, coverage="everything") for state in states.STATES]
    removed, failing = connect(acme, tool_id="hibob"), connect(acme, tool_id="bamboohr")
    kombo.set_state(removed.integration_id, "deleted")
    kombo.set_fault("server_error", failing.integration_id)
    for one in (removed, failing):
        one.snapshot = snapshots.revalidate(one, by_person=True)
    return [
        *made,
        removed,
        failing,
        connect(acme, fetched=False),
        connect(acme, origin_id="somebody else"),
    ]


@pytest.fixture
def few_tries(monkeypatch: pytest.MonkeyPatch) -> None:
    """Limits of three tries, so that no test need make dozens; each keeps its window."""
    for name in ("GUESS", "HAND_OFF", "REPAIR", "SECOND_FACTOR", "SINGLE_SIGN_ON"):
        one = getattr(rate_limits, name)
        monkeypatch.setattr(rate_limits, name, rate_limits.Limit(one.purpose, 3, one.seconds))


@pytest.fixture
def way(invalid: Integration) -> str:
    return handed(invalid)


@pytest.fixture
def address(invalid: Integration, amy: User, settings: Any) -> Callable[[str], str]:
    turn_on(settings)
    tenant, integration = [invalid.tenant.public_id], [invalid.tenant.public_id, invalid.public_id]
    now = timezone.now()
    feature = Feature.objects.create(name="Org chart", needs=["hris_employees.manager_id"])
    checks = BulkCheck.objects.create(user=amy, began_at=now, integrations=[invalid.pk])
    outage = Outage.objects.create(
        tool="personio", tool_label="Personio", started_at=now, detected_at=now, total=3
    )
    mail = Mail.objects.create(
        key="1", kind="reminder", tenant=invalid.tenant, to="hr@acme.example", created_at=now
    )
    field = CustomField(id="1", key="badge", model="hris_employees")
    FieldMapping.objects.create(
        integration=invalid, wanted_at=now, custom_fields=msgspec.json.encode([field]).decode()
    )
    arguments: dict[str, list[Any]] = {
        "logo": [invalid.snapshot.logo_id],
        "theme": [accent.stylesheet_name(accent.DEFAULT)],
        "vendor_picture": [identity.keep_picture(PNG)],
        "password_reset_confirm": ["MQ", "x"],
        "webhooks": ["production"],
        "webhooks_bare": ["production"],
        "favicon": [3],
        "tool": ["workday"],
        "bulk_progress": [checks.public_id],
        "outage_release": [outage.public_id],
        **{name: [feature.public_id] for name in ("feature", "feature_delete")},
        **{name: [mail.pk] for name in ("email", "email_html", "email_resend")},
        **dict.fromkeys((*TENANT_URLS, *ACCOUNT_URLS), tenant),
        **to_connect.arguments(invalid.tenant),
        **dict.fromkeys((*INTEGRATION_URLS, *WORKBENCH_URLS, "hand_off_offer", "ask"), integration),
    }

    def address(name: str) -> str:
        if name.startswith("embed_repair"):  # whoever was handed the way: a new one for everybody
            return reverse(name, args=[repair_handles.make(invalid, "reconnect")])
        if name in {"hand_off", "hand_off_completed", *HAND_OFF_URLS}:
            made = hand_offs.create(invalid, "reconnect", by=acting(amy))
            ways = (
                [*integration, made.public_id]
                if name in HAND_OFF_URLS
                else [hand_offs.token_of(made)]
            )
            return reverse(name, args=ways)
        if name == "join":
            return invited("new@acme.example").path
        query = {"coverage_fields": "?group=hris_employees", "workspace_fields": "?field=1"}
        return reverse(name, args=arguments.get(name, [])) + query.get(name, "")

    return address


@pytest.fixture
def with_grid(acme: Tenant, connect: Connect) -> Integration:
    """An integration of acme that works, with a grid in which everything occurs."""
    return connect(acme, coverage="everything")


@pytest.fixture
def https(monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    """The settings of a site that is not on plain HTTP."""
    for name in ("INSECURE_HTTP", "DEBUG"):
        monkeypatch.delenv(name, raising=False)
    assert os.environ["SECRET_KEY"]
    path = Path(__file__).parents[2] / "kombo_dashboard" / "settings.py"
    for name, value in runpy.run_path(str(path)).items():
        if name.startswith(("SECURE_", "SESSION_COOKIE_", "CSRF_COOKIE_")):
            setattr(settings, name, value)


@pytest.fixture
def meanwhile(monkeypatch: pytest.MonkeyPatch) -> Meanwhile:
    """Have something happen once, between the query that finds integrations and the one that reads
    some of them.
    """
    waiting: list[Callable[[], object]] = []
    read = Rows.integrations

    def integrations(rows: Rows, pks: Iterable[int]) -> list[Integration]:
        while waiting:
            waiting.pop()()
        return read(rows, pks)

    monkeypatch.setattr(Rows, "integrations", integrations)
    return waiting.append
