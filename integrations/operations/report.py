"""The state of the installation in words: sections of lines.

What the banner of the workspace says is judged in `integrations.workspace.installation`; the rest
is judged here.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from enum import IntEnum

from django.conf import settings
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from integrations.database import outage
from integrations.domain.dates import number_text
from integrations.domain.durations import duration
from integrations.mail.status import MailStatus
from integrations.operations import environment_lines
from integrations.operations.lines import Line, Section, Severity, problem_of
from integrations.operations.state import State, Waiting, Worker, old_after

OLD_SHARE = 0.05  # of integrations: a few are old because their own checks fail
EVENTS_STUCK = timedelta(minutes=15)
MAILS_STUCK = timedelta(minutes=30)
LEAST_FREE = 0.05, 1024**3  # share of the disk, and bytes: below either it is nearly full


class Status(IntEnum):
    """How all of it is; the exit status of `manage.py status`."""

    WELL = 0
    RED = 1
    UNKNOWN = 2


def sections(state: State) -> list[Section]:
    """Return all that can be told, in the language active now."""
    told = [Section("site", _("Installation"), tuple(_installation(state)))]
    if not state.is_complete:
        return told
    return [
        *(
            Section(
                f"environment {one.name}",
                _("Environment %(name)s") % {"name": one.name},
                tuple(environment_lines.lines_of(one, state)),
            )
            for one in state.environments
        ),
        Section("worker", _("Worker"), tuple(_workers(state))),
        Section("waiting", _("Waiting"), tuple(_waiting(state))),
        *told,
    ]


def status(state: State, told: list[Section]) -> Status:
    """Return how all of it is: unknown if the database does not answer."""
    if state.database.is_away:
        return Status.UNKNOWN
    return Status.RED if reds(told) else Status.WELL


def reds(told: list[Section]) -> list[Line]:
    """Return the red lines."""
    return [line for one in told for line in one.lines if line.severity is Severity.RED]


def _workers(state: State) -> Iterator[Line]:
    label = _("Worker")
    if problem := problem_of(state, {"worker_never_seen", "worker_gone"}):
        yield Line("worker", label, problem[0], Severity.RED, problem[1])
        return
    for worker in state.workers:
        yield _worker(worker, state, label)


def _worker(worker: Worker, state: State, label: str) -> Line:
    version = worker.version or "?"
    words = _("Version %(version)s, last active %(time)s")
    words %= {"version": version.replace("%", "%%"), "time": "%(time)s"}
    if worker.version == state.version:
        return Line("worker", label, words, at=worker.seen_at)
    advice = _("The site runs version %(version)s. If an update is over, restart the worker.")
    names = {"version": state.version}
    return Line("worker", label, words, Severity.ATTENTION, advice % names, worker.seen_at)


def _waiting(state: State) -> Iterator[Line]:
    yield _checks(state)
    advice = _(
        "The log and the page “Webhooks” say why. They are tried again automatically; “Replay” "
        "does it at once."
    )
    yield _queue("events", _("Webhooks"), state.events, state.at, EVENTS_STUCK, advice)
    yield from _mails(state)
    words = ngettext("%(n)s customer to evaluate", "%(n)s customers to evaluate", state.answers)
    yield Line("answers", _("Features"), words % {"n": number_text(state.answers)})


def _checks(state: State) -> Line:
    label, checks = _("Checks"), state.checks
    numbers = {
        "due": number_text(checks.due),
        "total": number_text(checks.total),
        "never": number_text(checks.never),
        "old": number_text(checks.old),
        "length": duration(old_after()),
    }
    if checks.old > OLD_SHARE * max(checks.total, 1):
        words = _("Last checked more than %(length)s ago: %(old)s of %(total)s integrations.")
        advice = _(
            "Is the worker active, and is Kombo responding? If so, there are more integrations "
            "than the budget can check: increase the budget or WORKER_MAX_AGE."
        )
        return Line("checks", label, words % numbers, Severity.RED, advice)
    words = _("Due now: %(due)s of %(total)s integrations. Never checked: %(never)s.")
    return Line("checks", label, words % numbers)


def _mails(state: State) -> Iterator[Line]:
    label = _("Emails")
    if not settings.EMAIL_HOST_NAME:
        yield Line("mails", label, _("Email is off: EMAIL_HOST isn’t set."), Severity.UNKNOWN)
        return
    advice = _("The page “Email log” says why. Check the mail server and the EMAIL_ settings.")
    yield _queue("mails", label, state.mails, state.at, MAILS_STUCK, advice)
    lost = sum(state.mails_by_state[one] for one in (MailStatus.FAILED, MailStatus.UNCLEAR))
    label = _("Emails not sent")
    words = _("%(n)s in the last 24 hours")
    words %= {"n": number_text(lost)}
    if lost:
        advice = _("Open them in the email log, correct the address and send them again.")
        yield Line("mails_lost", label, words, Severity.ATTENTION, advice)
    else:
        yield Line("mails_lost", label, words)


def _queue(
    key: str, label: str, waiting: Waiting, now: datetime, longest: timedelta, advice: str
) -> Line:
    if not waiting.number:
        return Line(key, label, _("None waiting"))
    if waiting.since is None:
        words = ngettext("%(n)s waiting", "%(n)s waiting", waiting.number)
        return Line(key, label, words % {"n": number_text(waiting.number)})
    words = ngettext(
        "%(n)s waiting, due %(time)s",
        "%(n)s waiting, the oldest due %(time)s",
        waiting.number,
    )
    words %= {"n": number_text(waiting.number), "time": "%(time)s"}
    if now - waiting.since > longest:
        return Line(key, label, words, Severity.RED, advice, waiting.since)
    return Line(key, label, words, at=waiting.since)


def _installation(state: State) -> Iterator[Line]:
    yield Line("version", _("Version"), state.version or "?")
    yield _database(state)
    if state.database.pending:
        words = ngettext(
            "%(n)s pending: %(name)s", "%(n)s pending, first %(name)s", len(state.database.pending)
        )
        words %= {"n": len(state.database.pending), "name": state.database.pending[0]}
        advice = _("Run %(command)s, then restart site and worker.")
        names = {"command": "python3 manage.py migrate"}
        yield Line("migrations", _("Migrations"), words, Severity.RED, advice % names)
    elif state.is_complete:
        yield Line("migrations", _("Migrations"), _("None pending"))
    share, least = LEAST_FREE
    words = _("%(free)s of %(total)s free") % {
        "free": filesizeformat(state.disk.free),
        "total": filesizeformat(state.disk.total),
    }
    if state.disk.free < max(share * state.disk.total, least):
        advice = _("Free some space: when the disk is full, nothing can be stored.")
        yield Line("disk", _("Disk"), words, Severity.RED, advice)
    else:
        yield Line("disk", _("Disk"), words)


def _database(state: State) -> Line:
    label, database = _("Database"), state.database
    if database.is_away:
        advice = _("Start the database, or correct DATABASE_URL. Nothing else can be told now.")
        return Line("database", label, _("It isn’t responding."), Severity.RED, advice)
    if database.problem == outage.READ_ONLY:
        advice = _("Is its disk full, or is it a standby? Pages are shown, but nothing is stored.")
        return Line("database", label, _("It takes no writes."), Severity.RED, advice)
    words = f"{database.kind}, {filesizeformat(database.size or 0)}"
    return Line("database", label, words)
