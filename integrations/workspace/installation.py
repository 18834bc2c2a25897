"""What is wrong with the installation itself, which no page of a customer tells: a refused API key,
Kombo out of reach, webhooks that stay away, a worker that is gone.
"""

import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import OuterRef, QuerySet, Subquery
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from integrations.database.prepared import Prepared
from integrations.domain.clock import SKEW
from integrations.domain.dates import moment_text
from integrations.models import Event, Heartbeat, Upstream
from integrations.upstream.gateway import WEBHOOKS_SILENT_AFTER, key_setting
from integrations.version import VERSION

WORKER_GONE_AFTER = timedelta(minutes=5)
_WORKER_FORGOTTEN = timedelta(days=1)
_PROCESS = f"worker {secrets.token_hex(6)}"  # this one, if it is a worker's


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong, in words, and what to do about it; `key` is for programs, and
    `environment` the one that it is about, if it is about one.
    """

    key: str
    text: str
    advice: str
    environment: str = ""


def note_worker() -> int:
    """Note that this worker is at work. Return 0: there is nothing more to do."""
    now = timezone.now()
    Heartbeat.objects.update_or_create(pk=_PROCESS, defaults={"at": now, "version": VERSION})
    Heartbeat.objects.filter(at__lt=now - _WORKER_FORGOTTEN).delete()
    return 0


def latest_workers(number: int) -> list[Heartbeat]:
    """Return the workers that were at work last, the latest first.

    What a clock that ran ahead has noted counts for nothing: each notes itself anew.
    """
    seen = Heartbeat.objects.filter(at__lte=timezone.now() + SKEW)
    return list(seen.order_by("-at")[:number])


def upstreams() -> dict[str, Upstream]:
    """Return how calling each environment goes, by its name, of those that were ever called;
    `heard_at` is when its latest webhook came.
    """
    return {row.pk: row for row in _upstreams(list(settings.KOMBO_ENVIRONMENTS))}


@Prepared
def _upstreams(environments: list[str]) -> QuerySet[Any]:
    latest = Event.objects.filter(environment=OuterRef("pk")).order_by("-received_at")
    rows = Upstream.objects.filter(pk__in=environments)
    return rows.annotate(heard_at=Subquery(latest.values("received_at")[:1]))


def problems() -> list[Problem]:
    """What is wrong now, in the language active now; two queries, however much there is."""
    return [*worker_problems(latest_workers(1)), *environment_problems()]


def environment_problems(known: Mapping[str, Upstream] | None = None) -> list[Problem]:
    """Return the problems of the environments alone, for mails, which the worker itself writes.

    `known` is what `upstreams` has returned, if that was read already.
    """
    now = timezone.now()
    known = upstreams() if known is None else known
    return [
        problem
        for name, config in settings.KOMBO_ENVIRONMENTS.items()
        if name in known
        for problem in _of_environment(known[name], bool(config["WEBHOOK_SECRETS"]), now)
    ]


def worker_problems(latest: list[Heartbeat]) -> list[Problem]:
    """Return what is wrong with the workers, of which these were at work last."""
    if not latest:
        text = _(
            "The worker has never run. Nothing is checked automatically, and no emails are sent."
        )
        advice = _("Start it beside the site: %(command)s")
        names = {"command": "python3 manage.py run_worker"}
        return [Problem("worker_never_seen", text, advice % names)]
    if timezone.now() - latest[0].at > WORKER_GONE_AFTER:
        words = _(
            "The worker was last active on %(since)s. Nothing is checked automatically, and "
            "no emails are sent."
        )
        advice = _("Restart its service, and read the end of its log to see why it stopped.")
        return [Problem("worker_gone", words % {"since": moment_text(latest[0].at)}, advice)]
    return []


def _of_environment(state: Upstream, expects_webhooks: bool, now: datetime) -> Iterator[Problem]:
    names = {"environment": state.pk}
    if state.refused_since:  # that nobody calls there any more follows from it
        words = _(
            "Kombo has rejected the API key for %(environment)s since %(since)s. Nothing is "
            "checked there."
        )
        advice = _(
            "Create a new API key in Kombo, set %(setting)s to it and restart site and worker. If "
            "Kombo limits addresses, add this server’s."
        )
        yield Problem(
            "key_refused",
            words % (names | {"since": moment_text(state.refused_since)}),
            advice % {"setting": key_setting(state.pk)},
            state.pk,
        )
    elif state.silent_until:
        words = _("Kombo isn’t responding in %(environment)s. Next attempt: %(until)s.")
        until = max(state.silent_until, now)
        advice = _(
            "Usually Kombo recovers by itself. If it takes longer than an hour, check Kombo’s "
            "status page and this server’s access to the internet."
        )
        yield Problem(
            "circuit_open", words % (names | {"until": moment_text(until)}), advice, state.pk
        )
    heard_at: datetime | None = state.heard_at  # type: ignore[attr-defined]
    if expects_webhooks and heard_at is None:
        words = _("No webhooks received from %(environment)s yet.")
        yield Problem("webhooks_never_heard", words % names, _webhook_advice(state), state.pk)
    elif expects_webhooks and heard_at and now - heard_at > WEBHOOKS_SILENT_AFTER:
        words = _("No webhooks received from %(environment)s since %(since)s.")
        text = words % (names | {"since": moment_text(heard_at)})
        yield Problem("webhooks_silent", text, _webhook_advice(state), state.pk)


def _webhook_advice(state: Upstream) -> str:
    words = _(
        "In Kombo, check that the webhook leads to %(address)s and is enabled. The log names each "
        "one that is rejected, with the reason."
    )
    return words % {"address": settings.SITE_URL + reverse("webhooks", args=[state.pk])}
