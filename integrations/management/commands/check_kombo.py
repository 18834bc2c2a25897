"""`manage.py check_kombo`: can we talk to Kombo, and read what is mapped?"""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from integrations.kombo.errors import KomboError
from integrations.models import Integration
from integrations.upstream import gateway


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

    def handle(self, *args: Any, limit: int | None, **options: Any) -> None:
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
        try:
            environment_id = gateway.client(name).check_api_key()
        except KomboError as error:
            self.stderr.write(f"{name} ({url}): the API key does not work: {error}")
            return False
        self.stdout.write(f"{name} ({url}): the API key is good, for environment {environment_id}")
        return self._read_integrations(name, limit)

    def _read_integrations(self, name: str, limit: int | None) -> bool:
        mapped = Integration.objects.filter(environment=name).select_related("tenant")[:limit]
        bad = 0
        for integration in mapped:
            try:
                details = gateway.client(name).details(integration.integration_id)
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
