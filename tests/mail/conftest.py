"""Fixtures that several modules of this folder use."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from time_machine import TimeMachineFixture

from integrations.access import audit, hand_offs
from integrations.mail import hand_off_mails
from integrations.models import HandOff, Integration, Mail, Tenant
from integrations.simulator.app import Simulator
from tests.conftest import Connect
from tests.mail.mailing import Server
from tests.mail.mornings import Mornings
from tests.mailbox import Days


@pytest.fixture
def days(time_machine: TimeMachineFixture, kombo: Simulator, settings: Any) -> Days:
    settings.REMINDER_QUIET_HOURS = "none"
    return Days(time_machine, kombo)


@pytest.fixture
def broken(days: Days, acme: Tenant, connect: Connect) -> Integration:
    """Needs to be reconnected since noon."""
    made = connect(acme)
    days.become(made, "invalid")
    return made


@pytest.fixture
def link(broken: Integration) -> HandOff:
    Tenant.objects.update(reminders="off")
    return hand_offs.create(broken, "reconnect", by=audit.WORKER, sent_to="helper@acme.example")


@pytest.fixture
def written(link: HandOff) -> Mail:
    """A mail that is due now."""
    made = hand_off_mails.write(link)
    assert made
    return made


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Server:
    made = Server()
    monkeypatch.setattr("integrations.mail.delivery.mailers", made)
    return made


@pytest.fixture
def personio(days: Days, acme: Tenant, connect: Connect) -> Integration:
    """Connected since noon, by somebody whom Kombo names."""
    return connect(acme)


@pytest.fixture
def mornings(
    db: None, time_machine: TimeMachineFixture, kombo: Simulator, settings: Any
) -> Mornings:
    settings.REMINDERS = "off"
    settings.DIGEST_HOUR = 8
    made = Mornings(time_machine, kombo)
    made.work()  # today's are written by noon
    return made


@pytest.fixture
def amys_personio(mornings: Mornings, amy: User, acme: Tenant, connect: Connect) -> Integration:
    """Amy's customer's, which works."""
    return connect(acme)
