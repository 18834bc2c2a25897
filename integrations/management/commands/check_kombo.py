"""`manage.py check_kombo`: can we talk to Kombo, and read what is mapped?"""

import time
from argparse import ArgumentParser
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

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

    help = (
        "Check each Kombo environment: the API key, which environment it is, and the mapped "
        "integrations."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--limit", type=int, help="Read at most so many integrations per environment."
        )
        parser.add_argument(
            "--keys-only", action="store_true", help="One call per environment, for a monitor."
        )

    def handle(self, *args: Any, limit: int | None, keys_only: bool, **options: Any) -> None:
        limit = 0 if keys_only else limit
        good = [self._check(name, limit) for name in settings.KOMBO_ENVIRONMENTS]
        if orphans := Integration.objects.exclude(
            environment__in=settings.KOMBO_ENVIRONMENTS
        ).count():
            self.stderr.write(
                f"{orphans} integrations are mapped in environments that are not configured"
            )
            good.append(False)
        if not all(good):
            raise CommandError("Not everything is well; see above.")

    def _check(self, name: str, limit: int | None) -> bool:
        url = settings.KOMBO_ENVIRONMENTS[name]["API_URL"]
        if not settings.KOMBO_ENVIRONMENTS[name]["API_KEY"]:
            self.stderr.write(
                f"{name} ({url}): not configured: {gateway.key_setting(name)} is not set"
            )
            return False
        try:
            environment_id = _ask(name, lambda kombo: kombo.check_api_key())
        except KomboError as error:
            self.stderr.write(f"{name} ({url}): the API key does not work: {error}")
            return False
        self.stdout.write(f"{name} ({url}): the API key is good, for environment {environment_id}")
        return limit == 0 or self._read_integrations(name, limit)

    def _read_integrations(self, name: str, limit: int | None) -> bool:
        mapped = Integration.objects.filter(environment=name).select_related("tenant")[:limit]
        bad = 0
        for integration in mapped:
            try:
                details = _details(integration)
            except KomboError as error:
                bad += 1
                self.stderr.write(f"  {integration.tenant}: {integration.integration_id}: {error}")
                continue
            named = details.end_user.origin_id
            if named not in {None, integration.tenant.origin_id, integration.confirmed_origin_id}:
                bad += 1
                self.stderr.write(
                    f"  {integration.tenant}: {integration.integration_id}: Kombo names {named!r}"
                )
        self.stdout.write(
            f"  {len(mapped) - bad} of {len(mapped)} mapped integrations can be read and shown"
        )
        return not bad


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
