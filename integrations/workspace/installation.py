"""What is wrong with the installation itself, which no page of a customer tells: a refused API key,
Kombo out of reach, webhooks that stay away, a worker that is gone.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import OuterRef, Subquery
from django.utils import timezone
from django.utils.translation import gettext as _

from integrations.domain.dates import moment_text
from integrations.models import Event, Heartbeat, Upstream
from integrations.upstream.gateway import WEBHOOKS_SILENT_AFTER

WORKER = "worker"
WORKER_GONE_AFTER = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong, in words; `key` is for programs."""

    key: str
    text: str


def note_worker() -> int:
    """Note that the worker is at work. Return 0: there is nothing more to do."""
    Heartbeat.objects.update_or_create(pk=WORKER, defaults={"at": timezone.now()})
    return 0


def problems() -> list[Problem]:
    """What is wrong now, in the language active now; two queries, however much there is."""
    worker = Heartbeat.objects.filter(pk=WORKER).first()
    return [*_of_worker(worker, timezone.now()), *environment_problems()]


def environment_problems() -> list[Problem]:
    """Return the problems of the environments alone, for mails, which the worker itself writes."""
    now = timezone.now()
    latest = Event.objects.filter(environment=OuterRef("pk")).order_by("-received_at")
    known = Upstream.objects.annotate(heard_at=Subquery(latest.values("received_at")[:1]))
    upstreams = known.in_bulk(list(settings.KOMBO_ENVIRONMENTS))
    return [
        problem
        for name, config in settings.KOMBO_ENVIRONMENTS.items()
        if name in upstreams
        for problem in _of_environment(upstreams[name], bool(config["WEBHOOK_SECRETS"]), now)
    ]


def _of_worker(worker: Heartbeat | None, now: datetime) -> Iterator[Problem]:
    if worker is None:
        text = _(
            "The worker has never run. Nothing is checked automatically, and no emails are sent."
        )
        yield Problem("worker_never_seen", text)
    elif now - worker.at > WORKER_GONE_AFTER:
        words = _(
            "The worker was last active on %(since)s. Nothing is checked automatically, and "
            "no emails are sent."
        )
        yield Problem("worker_gone", words % {"since": moment_text(worker.at)})


def _of_environment(state: Upstream, expects_webhooks: bool, now: datetime) -> Iterator[Problem]:
    names = {"environment": state.pk}
    if state.refused_since:  # that nobody calls there any more follows from it
        words = _(
            "Kombo has rejected the API key for %(environment)s since %(since)s. Nothing is "
            "checked there."
        )
        yield Problem("key_refused", words % (names | {"since": moment_text(state.refused_since)}))
    elif state.silent_until:
        words = _("Kombo isn’t responding in %(environment)s. Next attempt: %(until)s.")
        until = max(state.silent_until, now)
        yield Problem("circuit_open", words % (names | {"until": moment_text(until)}))
    heard_at: datetime | None = state.heard_at  # type: ignore[attr-defined]
    if expects_webhooks and heard_at is None:
        words = _("No webhooks received from %(environment)s yet.")
        yield Problem("webhooks_never_heard", words % names)
    elif expects_webhooks and heard_at and now - heard_at > WEBHOOKS_SILENT_AFTER:
        words = _("No webhooks received from %(environment)s since %(since)s.")
        yield Problem("webhooks_silent", words % (names | {"since": moment_text(heard_at)}))
