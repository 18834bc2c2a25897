"""`manage.py check_kombo`: can we talk to Kombo, and read what is mapped?"""

import time
from argparse import ArgumentParser
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from integrations.kombo.client import Kombo
from integrations.kombo.errors import KomboError, RateLimited
from integrations.kombo.schema import Details
from integrations.models import Integration
from integrations.upstream import gateway, rate_limiter
from integrations.upstream.gateway import CircuitOpen
from integrations.upstream.rate_limiter import RateLimitBusy

# Seconds that a call waits for its turn, or for the end of a pause that Kombo asked for.
PATIENCE = 60.0


class Command(BaseCommand):
    """The exit status is 0 only if every key is good and every mapped integration can be read and
    shown.
    """

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.description = _(
            "Check each Kombo environment: the API key, which environment it belongs to, and the "
            "mapped integrations."
        )
        parser.add_argument(
            "--limit", type=int, help=_("Check at most this many integrations per environment.")
        )
        parser.add_argument(
            "--keys-only",
            action="store_true",
            help=_("Check only the API keys: one request per environment, for monitoring."),
        )

    def handle(self, *args: Any, limit: int | None, keys_only: bool, **options: Any) -> None:
        limit = 0 if keys_only else limit
        good = [self._check(name, limit) for name in settings.KOMBO_ENVIRONMENTS]
        if orphans := Integration.objects.exclude(
            environment__in=settings.KOMBO_ENVIRONMENTS
        ).count():
            sentence = ngettext(
                "%(n)s integration is mapped in an environment that isn’t configured.",
                "%(n)s integrations are mapped in environments that aren’t configured.",
                orphans,
            )
            self.stderr.write(sentence % {"n": orphans})
            good.append(False)
        if not all(good):
            raise CommandError(_("Some checks failed. See above."))

    def _check(self, name: str, limit: int | None) -> bool:
        url = settings.KOMBO_ENVIRONMENTS[name]["API_URL"]
        names = {"name": name, "url": url, "setting": gateway.key_setting(name)}
        if not settings.KOMBO_ENVIRONMENTS[name]["API_KEY"]:
            self.stderr.write(_("%(name)s (%(url)s): %(setting)s isn’t set.") % names)
            return False
        try:
            environment_id = _ask(name, lambda kombo: kombo.check_api_key())
        except KomboError as error:
            refused = _("%(name)s (%(url)s): the API key doesn’t work: %(error)s")
            self.stderr.write(refused % (names | {"error": error}))
            return False
        good = _("%(name)s (%(url)s): the API key works, for environment %(id)s.")
        self.stdout.write(good % (names | {"id": environment_id}))
        return limit == 0 or self._read_integrations(name, limit)

    def _read_integrations(self, name: str, limit: int | None) -> bool:
        mapped = Integration.objects.filter(environment=name).select_related("tenant")[:limit]
        failures = 0
        for integration in mapped:
            try:
                details = _details(integration)
            except KomboError as error:
                failures += 1
                self.stderr.write(f"  {integration.tenant}: {integration.integration_id}: {error}")
                continue
            named = details.end_user.origin_id
            if named not in {None, integration.tenant.origin_id, integration.confirmed_origin_id}:
                failures += 1
                sentence = _("%(customer)s: %(id)s: Kombo reports origin ID “%(kombo)s”.")
                names = {"customer": integration.tenant, "id": integration.integration_id}
                self.stderr.write("  " + sentence % (names | {"kombo": named}))
        readable = _("Mapped integrations that can be read and shown: %(good)s of %(total)s.")
        self.stdout.write("  " + readable % {"good": len(mapped) - failures, "total": len(mapped)})
        return not failures


def _details(integration: Integration) -> Details:
    return _ask(integration.environment, lambda kombo: kombo.details(integration.integration_id))


def _ask[T](name: str, ask: Callable[[Kombo], T]) -> T:
    """Ask Kombo within the budget that all processes share, however long its turn takes to come.

    Raises KomboError.
    """
    ends = time.monotonic() + PATIENCE
    while True:
        try:
            return gateway.call(name, ask, by_person=True)
        except (RateLimitBusy, RateLimited, CircuitOpen) as error:
            wait = max(error.retry_after or 0.0, rate_limiter.spacing(name))
            if time.monotonic() + wait > ends:
                raise
            time.sleep(wait)
