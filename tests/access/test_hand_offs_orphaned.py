"""Links that staff made end with their account, and with the right to make them."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import Group, Permission, User
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from integrations.access import hand_offs
from integrations.access.audit import COMMAND
from integrations.access.hand_offs import HandOffStatus
from integrations.mail import delivery, hand_off_mails
from integrations.models import HandOff, Integration, Mail, Tenant
from integrations.workspace import staff_actions
from tests.conftest import Connect, acting

GROUP = "Account managers"


@pytest.fixture
def broken(acme: Tenant, connect: Connect) -> Integration:
    return connect(acme, state="invalid")


@pytest.fixture
def sees_all(ned: User) -> User:
    """ned, who sees every tenant by a group."""
    group = Group.objects.create(name=GROUP)
    group.permissions.add(Permission.objects.get(codename="view_tenant"))
    ned.groups.add(group)
    return ned


def make(broken: Integration, who: User) -> HandOff:
    return hand_offs.create(broken, "reconnect", by=acting(who))


def found(link: HandOff) -> HandOffStatus:
    """What the link leads to, for who follows it."""
    there = hand_offs.find(hand_offs.token_of(link))
    assert there
    return hand_offs.status_of(there, timezone.now())


def stored(link: HandOff) -> HandOffStatus:
    """What lists say of it, before anybody follows it."""
    link.refresh_from_db()
    return hand_offs.status_of(link, timezone.now())


def test_who_may_make_them_keeps_them(
    broken: Integration, amy: User, sees_all: User, mia: User, root: User
) -> None:
    for who in (amy, sees_all, mia, root):
        assert found(make(broken, who)) is HandOffStatus.OPEN, who


@pytest.mark.parametrize("how", ["inactive", "no staff", "deleted", "owner", "group"])
def test_who_may_not_any_more_leaves_none(
    how: str, broken: Integration, acme: Tenant, amy: User, sees_all: User, root: User
) -> None:
    who = sees_all if how == "group" else amy
    link, others = make(broken, who), hand_offs.create(broken, "reconnect", by=COMMAND)
    match how:
        case "inactive":
            User.objects.filter(pk=who.pk).update(is_active=False)
        case "no staff":
            User.objects.filter(pk=who.pk).update(is_staff=False)
        case "deleted":
            who.delete()
        case "owner":
            staff_actions.assign([acme], root, acting(root))
            assert stored(link) is HandOffStatus.REVOKED
        case _:
            Group.objects.get(name=GROUP).permissions.clear()
    assert found(link) is HandOffStatus.REVOKED
    assert stored(link) is HandOffStatus.REVOKED, "for good"
    assert found(others) is HandOffStatus.OPEN, "a reminder's is nobody's"


@pytest.mark.parametrize("how", ["account", "account deleted", "accounts deleted", "group"])
def test_a_change_in_the_administration_ends_them_at_once(
    how: str, broken: Integration, sees_all: User, root: User, sign_in: Callable[[User], Client]
) -> None:
    client, link, group = sign_in(root), make(broken, sees_all), Group.objects.get(name=GROUP)
    chosen: dict[str, Any] = {"post": "yes"}
    match how:
        case "account":
            url = reverse("admin:auth_user_change", args=[sees_all.pk])
            joined = {"date_joined_0": "2026-01-01", "date_joined_1": "00:00:00"}
            chosen = {"username": "ned", "is_staff": "on", "is_active": "on", **joined}
        case "account deleted":
            url = reverse("admin:auth_user_delete", args=[sees_all.pk])
        case "accounts deleted":
            url = reverse("admin:auth_user_changelist")
            chosen |= {"action": "delete_selected", "_selected_action": [sees_all.pk]}
        case _:
            url = reverse("admin:auth_group_change", args=[group.pk])
            chosen = {"name": group.name}
    response = client.post(url, chosen)
    assert response.status_code == 302, response.context["errors"]
    assert stored(link) is HandOffStatus.REVOKED


def test_no_mail_goes_out_with_one(
    broken: Integration, amy: User, settings: Any, mailoutbox: list[Any]
) -> None:
    settings.EMAIL_HOST_NAME = "mail.example"
    link = hand_offs.create(broken, "reconnect", by=acting(amy), sent_to="x@acme.example")
    hand_off_mails.write(hand_offs.reload(link))
    amy.delete()
    delivery.send_due()
    assert Mail.objects.get().sent_at is None
    assert mailoutbox == []
