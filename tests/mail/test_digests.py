"""What account managers are told by mail once a day."""

from collections.abc import Callable
from zoneinfo import ZoneInfo

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from integrations.mail import digests, preferences
from integrations.models import AuditEntry, Integration, Mail, Preferences, Summary, Tenant
from integrations.workspace import staff_actions, summaries
from tests import copy
from tests.conftest import Connect, acting
from tests.mail.mornings import Mornings, see_all, to
from tests.mailbox import NOON, D, H, M, html_of, sent, texts


def test_while_all_is_well_nobody_hears(
    mornings: Mornings, amys_personio: Integration, root: User
) -> None:
    see_all(root)
    mornings.pass_to(5 * D, step=H)
    assert sent() == []


def test_what_is_broken_is_told_every_morning_until_it_is_well(
    mornings: Mornings, amys_personio: Integration
) -> None:
    mornings.become(amys_personio, "invalid")
    mornings.pass_to(19 * H, step=H)
    assert to() == []
    mornings.pass_to(2 * D, step=H)
    assert to() == ["amy@example.com"] * 2
    assert list(Mail.objects.order_by("sent_at").values_list("sent_at", flat=True)) == [
        NOON + 20 * H,
        NOON + 44 * H,
    ]
    mornings.become(amys_personio, "connected")
    mornings.pass_to(4 * D, step=H)
    assert len(sent()) == 2


def test_the_gravest_is_told_first_and_each_leads_to_its_page(
    mornings: Mornings, amy: User, acme: Tenant, amys_personio: Integration, connect: Connect
) -> None:
    removed, setup = connect(acme, tool_id="hibob"), connect(acme, tool_id="bamboohr")
    mornings.become(removed, "deleted")
    mornings.pass_to(H)
    mornings.become(setup, "setup_incomplete")
    mornings.pass_to(2 * H)
    mornings.become(amys_personio, "invalid")
    mornings.pass_to(D)
    [message] = sent()
    text = str(message.body)
    theirs, ours = copy.WAITING_ON_CUSTOMER, copy.WAITING_ON_VENDOR(vendor="Northwind")
    order = [theirs, "BambooHR", "Personio", ours, "HiBob"]
    assert sorted(order, key=lambda one: text.lower().index(one.lower())) == order
    assert message.subject == copy.N_CUSTOMER_INTEGRATIONS_NEED_ATTENTION(n=3)
    for one in (removed, setup, amys_personio):
        url = f"http://localhost/workspace/t/{acme.public_id}/i/{one.public_id}/"
        assert url in text
        assert f'href="{url}"' in html_of(message)
    for said in (text, html_of(message)):
        assert (
            "Reconnect required, since 20 November, 14:00 · 18 hours · Customer not notified"
        ) in said
        assert said.count("not notified") == 2  # of what was removed nobody need be
        assert copy.ACCOUNT_MANAGER not in said  # they read of their own


def test_what_is_snoozed_or_fine_is_left_out(
    mornings: Mornings, amys_personio: Integration, acme: Tenant, connect: Connect
) -> None:
    connect(acme, state="final_sync_pending")
    mornings.become(amys_personio, "invalid")
    summaries.snooze([amys_personio.pk], NOON + 3 * D)
    mornings.pass_to(2 * D, step=H)
    assert sent() == []


def test_everybody_hears_of_their_own_or_of_all_they_may_see(
    mornings: Mornings,
    amys_personio: Integration,
    mia: User,
    ned: User,
    root: User,
    bolt: Tenant,
    connect: Connect,
) -> None:
    see_all(mia)
    other = connect(bolt, tool_id="hibob")
    mornings.become(amys_personio, "invalid")
    mornings.become(other, "invalid")
    mornings.pass_to(D)
    # Ned may see none, and root has no address.
    assert sorted(to()) == [
        "amy@example.com",
        "mia@example.com",
    ]
    amys, mias = sorted(sent(), key=lambda one: one.to)
    assert "HiBob" not in str(amys.body)
    assert "HiBob" in str(mias.body)
    assert "Personio" in str(mias.body)
    assert copy.ACCOUNT_MANAGER not in str(amys.body)
    for said in (str(mias.body), html_of(mias)):
        assert [
            said.count(copy.ACCOUNT_MANAGER_NAME(name=name)) for name in ("amy", copy.UNASSIGNED)
        ] == [1, 1]


def test_a_digest_tells_contacts_and_old_words_as_the_list(
    mornings: Mornings, amys_personio: Integration, amy: User
) -> None:
    mornings.become(amys_personio, "invalid")
    staff_actions.mark_contacted(amys_personio, acting(amy))
    mornings.pass_to(19 * H + 50 * M)
    Summary.objects.update(headline="half asleep")
    mornings.pass_to(20 * H, step=H)
    assert "Unknown status, since 20 November, 12:00 · 20 hours\n" in texts()[0]


def gone(column: str) -> User:
    """Somebody who took care of customers, and does not any more."""
    user = User.objects.create_user("gus", email="gus@example.com", is_staff=True)
    User.objects.filter(pk=user.pk).update(**{column: False})
    return user


@pytest.mark.exhaustive(keep=2)
@pytest.mark.parametrize(
    "owner", [lambda: None, lambda: gone("is_active"), lambda: gone("is_staff")]
)
def test_who_may_see_all_hears_of_what_is_in_nobodys_care(
    owner: Callable[[], User | None],
    mornings: Mornings,
    amys_personio: Integration,
    amy: User,
    mia: User,
    bolt: Tenant,
    connect: Connect,
) -> None:
    Tenant.objects.create(name="Carol", origin_id="carol", owner=see_all(mia))
    Tenant.objects.filter(pk=bolt.pk).update(owner=owner())
    for user in (amy, mia):
        Preferences.objects.create(user=user, at_once=True)
    other = connect(bolt, tool_id="hibob")
    mornings.become(amys_personio, "invalid")
    mornings.become(other, "invalid")
    assert Mail.objects.count() == 2  # no other was written
    assert [(one.to[0], one.subject) for one in sent()] == [
        ("amy@example.com", "Acme GmbH: Personio needs to be reconnected"),
        ("mia@example.com", "Bolt & Sons: HiBob needs to be reconnected"),
    ]
    mornings.pass_to(D)
    digest = {one.to[0]: str(one.body) for one in sent()[2:]}
    assert sorted(digest) == ["amy@example.com", "mia@example.com"]
    assert ("HiBob" in digest["mia@example.com"], "Personio" in digest["mia@example.com"]) == (
        True,
        False,
    )
    assert ("HiBob" in digest["amy@example.com"], "Personio" in digest["amy@example.com"]) == (
        False,
        True,
    )


def test_what_is_in_a_state_we_do_not_know_is_not_broken(
    mornings: Mornings, amys_personio: Integration, acme: Tenant, connect: Connect
) -> None:
    mornings.become(amys_personio, "unknown_status")
    mornings.pass_to(D)
    assert sent() == []
    mornings.become(connect(acme, tool_id="hibob"), "invalid")
    mornings.pass_to(2 * D, step=H)
    assert sent()[0].subject == copy.N_CUSTOMER_INTEGRATION_NEEDS_ATTENTION(n=1)
    assert "Personio" not in texts()[0]


@pytest.mark.exhaustive(keep=1)
@pytest.mark.parametrize("column", ["is_staff", "is_active"])
def test_whoever_left_hears_nothing(
    column: str, mornings: Mornings, amys_personio: Integration, amy: User
) -> None:
    Preferences.objects.create(user=amy, at_once=True)
    User.objects.filter(pk=amy.pk).update(**{column: False})
    mornings.become(amys_personio, "invalid")
    mornings.pass_to(2 * D, step=H)
    assert sent() == []


def test_no_digest_for_who_wants_none(
    mornings: Mornings, amys_personio: Integration, amy: User
) -> None:
    preferences.save(Preferences(user=amy, digest=False), by=acting(amy))
    mornings.become(amys_personio, "invalid")
    mornings.pass_to(2 * D, step=H)
    assert sent() == []
    act = AuditEntry.objects.get(actor="amy")
    assert (act.what, act.told) == ("preferences_changed", {"wanted": []})


def test_the_hour_is_that_of_the_sites_clock(
    mornings: Mornings, amys_personio: Integration
) -> None:
    mornings.become(amys_personio, "invalid")
    with timezone.override(ZoneInfo("America/New_York")):
        mornings.pass_to(25 * H, step=30 * M)
    assert Mail.objects.get().sent_at == NOON + 25 * H  # 8:00 there


def test_a_worker_that_dies_writing_leaves_the_day_to_the_next(
    mornings: Mornings, amys_personio: Integration, monkeypatch: pytest.MonkeyPatch
) -> None:
    mornings.become(amys_personio, "invalid")
    mornings.pass_to(19 * H, step=H)

    def die(*_arguments: object, **_more: object) -> None:
        raise SystemExit

    monkeypatch.setattr("integrations.mail.compose.render_to_string", die)
    with pytest.raises(SystemExit):
        mornings.pass_to(20 * H, step=H)
    monkeypatch.undo()
    assert not Mail.objects.exists()
    mornings.work()
    assert to() == ["amy@example.com"]


def test_a_long_list_is_cut_and_says_so(
    mornings: Mornings,
    amys_personio: Integration,
    acme: Tenant,
    connect: Connect,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(digests, "MOST_ROWS", 2)
    for _ in range(3):
        mornings.become(connect(acme), "invalid")
    mornings.pass_to(D)
    assert texts()[0].count("* Acme GmbH: Personio") == 2
    assert copy.AND_N_MORE(n=1) in texts()[0]


def test_what_is_withheld_is_told_to_staff_without_its_state(
    mornings: Mornings, amy: User, acme: Tenant, connect: Connect
) -> None:
    connect(acme, state="invalid", origin_id="somebody else")
    mornings.pass_to(D)
    assert copy.UNCONFIRMED in texts()[0]
    assert "Reconnect" not in texts()[0]
