"""Purposes are written in the administration, and it is on record who wrote them."""

from collections.abc import Callable
from datetime import date

from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from integrations.models import AuditEntry, Purpose
from tests import copy

ADD = "admin:integrations_purpose_add"


def test_a_purpose_is_written_changed_and_on_record(
    root: User, sign_in: Callable[[User], Client]
) -> None:
    client = sign_in(root)
    terms = {"group": "pay", "valid_from": "2026-03-01", "purpose": "Payroll"}
    assert client.post(reverse(ADD), terms).status_code == 302
    made = Purpose.objects.get()
    assert (made.group, made.valid_from, made.retention) == ("pay", date(2026, 3, 1), "")
    page = reverse("admin:integrations_purpose_change", args=[made.pk])
    assert client.post(page, terms | {"retention": "10 years"}).status_code == 302
    told = [entry.told for entry in AuditEntry.objects.filter(what="administered").order_by("pk")]
    assert [one["done"] for one in told] == ["created", "changed"]
    assert told[1] == {
        "object": "purpose",
        "name": "pay 2026-03-01",
        "done": "changed",
        "fields": ["retention"],
    }
    assert "Pay and bank" in client.get(reverse("admin:integrations_purpose_changelist")).text


def test_a_group_that_there_is_not_is_refused(
    root: User, sign_in: Callable[[User], Client]
) -> None:
    terms = {"group": "money", "valid_from": "2026-03-01", "purpose": "x"}
    assert sign_in(root).post(reverse(ADD), terms).status_code == 200
    assert not Purpose.objects.exists()


def test_a_group_has_one_text_from_a_day_on(root: User, sign_in: Callable[[User], Client]) -> None:
    Purpose.objects.create(group="pay", valid_from=date(2026, 3, 1), purpose="x")
    terms = {"group": "pay", "valid_from": "2026-03-01", "purpose": "y"}
    response = sign_in(root).post(reverse(ADD), terms)
    assert copy.THIS_GROUP_ALREADY in response.text


def test_it_takes_a_permission(amy: User, sign_in: Callable[[User], Client]) -> None:
    assert sign_in(amy).get(reverse(ADD)).status_code == 403
