"""The access statement of one integration for any day that is on record, and what history knows
beside it: since when, and after whose reconnection.

All of a page costs the same few queries, however many days and data points there are.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cached_property
from typing import NamedTuple

from django.conf import settings
from django.contrib.auth.models import User
from django.utils import timezone
from django.utils.translation import gettext as _

from integrations.domain import coverage, statement
from integrations.domain.coverage import Reason
from integrations.domain.dates import date_text
from integrations.domain.statement import Content, Purpose, Row, Subject
from integrations.history import grids
from integrations.history.text import person_name
from integrations.models import CoverageVersion, Entry, Integration, Kind, RepairAct, RepairOutcome
from integrations.models import Purpose as PurposeRow

# A change of the grid that shows within this time of a reconnection is taken for its effect.
RECONNECTION_SHOWS = timedelta(hours=24)


class Change(NamedTuple):
    """When a data point was first seen to be as it is, and who had reconnected before, if that is
    known.
    """

    at: datetime
    by: User | None


@dataclass(frozen=True)
class Statement:
    """What was so at the end of a day, or is so now.

    `changes` are by the data point's id; of what is not among them it is only known that it has
    been so since the first day on record, or not even that if `changes_are_whole` is false.
    """

    subject: Subject
    on: date
    is_today: bool
    rows: tuple[Row, ...]
    purposes: tuple[Purpose, ...]
    changes: dict[str, Change]
    changes_are_whole: bool

    @cached_property
    def content(self) -> Content:
        return statement.content_of(self.subject, self.rows, self.purposes)

    @cached_property
    def digest(self) -> str:
        return statement.digest_of(self.content)


class Record:
    """All that is on record of one integration's grids, read at once for the days that are
    wanted.

    The integration comes with its tenant and its snapshot, which has a grid.
    """

    def __init__(self, integration: Integration, days: Iterable[date], now: datetime) -> None:
        self._integration = integration
        self._now = now
        self.today = timezone.localdate(now)
        self.versions = grids.versions(integration)
        held = [self._version(day) for day in days]
        self._texts = grids.texts(integration, [version for version in held if version])
        self._purposes = list(PurposeRow.objects.order_by("group", "valid_from"))
        self._changes = list(
            Entry.objects.filter(integration=integration, kind=Kind.COVERAGE).order_by("at", "pk")
        )
        self._reconnections = list(
            Entry.objects.filter(
                integration=integration,
                kind=Kind.REPAIR,
                what__in=RepairAct,
                data__outcome=RepairOutcome.DONE,
                actor__isnull=False,
            )
            .select_related("actor")
            .order_by("at", "pk")
        )

    @property
    def first_day(self) -> date:
        """The first day of which anything is known."""
        return timezone.localdate(self.versions[0].since)

    def statement(self, day: date) -> Statement | None:
        """Return the statement for one of the days that were wanted; None if nothing is known of
        it.
        """
        version = self._version(day)
        text = self._texts.get(version.grid) if version else None
        if version is None or text is None:
            return None
        end = min(end_of(day), self._now)
        changes, are_whole = self._changes_until(end)
        return Statement(
            subject=Subject(
                vendor=settings.VENDOR_NAME,
                customer=self._integration.tenant.name,
                tool=self._integration.snapshot.tool_label,
                integration=self._integration.public_id,
                version=version.number,
                since=version.since,
            ),
            on=day,
            is_today=day == self.today,
            rows=statement.rows_of(coverage.read(text)),
            purposes=self._purposes_on(day),
            changes=changes,
            changes_are_whole=are_whole,
        )

    def _version(self, day: date) -> CoverageVersion | None:
        if day > self.today:
            return None
        return grids.held_at(self.versions, min(end_of(day), self._now))

    def _purposes_on(self, day: date) -> tuple[Purpose, ...]:
        latest = {row.group: row for row in self._purposes if row.valid_from <= day}
        return tuple(
            Purpose(
                row.group,
                row.valid_from,
                row.purpose,
                row.legal_basis,
                row.retention,
                row.recipients,
            )
            for row in latest.values()
        )

    def _changes_until(self, end: datetime) -> tuple[dict[str, Change], bool]:
        """The latest change of each data point by then, and whether all of them are named."""
        changes: dict[str, Change] = {}
        are_whole = True
        for entry in self._changes:
            if entry.at > end:
                break
            for reason, datapoints in entry.data["datapoints"].items():
                by = self._reconnected_by(entry.at) if reason == Reason.OPTED_OUT else None
                changes.update(dict.fromkeys(datapoints, Change(entry.at, by)))
                are_whole &= len(datapoints) == entry.data["counts"][reason]
        return changes, are_whole

    def _reconnected_by(self, at: datetime) -> User | None:
        """Return who last reconnected within RECONNECTION_SHOWS before a change, if anybody."""
        recent = [
            entry.actor for entry in self._reconnections if at - RECONNECTION_SHOWS < entry.at <= at
        ]
        return recent[-1] if recent else None


def end_of(day: date) -> datetime:
    """The last instant of a day."""
    midnight = timezone.make_aware(datetime.combine(day + timedelta(days=1), time.min))
    return midnight - timedelta(microseconds=1)


def state_on(integration: Integration, at: datetime) -> str:
    """Return the key of the headline that held at an instant; an empty text if none is on
    record.
    """
    states = Entry.objects.filter(integration=integration, kind=Kind.STATE, at__lte=at)
    return states.values_list("what", flat=True).first() or ""


def since_texts(changes: Mapping[str, Change]) -> dict[str, str]:
    """Since when each data point has been as it is, by its id."""
    return {datapoint: _day(change.at) for datapoint, change in changes.items()}


def opt_out_texts(changes: Mapping[str, Change]) -> dict[str, str]:
    """The same for what somebody opted out of, and after whose reconnection it was seen, if that
    is known.
    """
    texts = {}
    for datapoint, change in changes.items():
        names = {"date": _day(change.at), "who": person_name(change.by) if change.by else ""}
        texts[datapoint] = (
            _("first detected on %(date)s, after a reconnection by %(who)s") % names
            if change.by
            else _("first detected on %(date)s") % names
        )
    return texts


def _day(at: datetime) -> str:
    return date_text(at)
