"""Every address of the site, with the demo's ids in it."""

from collections.abc import Iterable, Iterator
from typing import Any

from django.contrib.auth.models import User
from django.test import Client
from django.urls import URLPattern, get_resolver, reverse
from django.utils import timezone

from integrations.access import hand_offs, invitations, repair_handles
from integrations.access.roles import StaffRole
from integrations.domain import accent
from integrations.models import BulkCheck, Feature, Integration, Logo, Mail, Outage, Tenant
from tests.conftest import acting
from tests.views import to_connect

SITE = "integrations.urls.site"


def signed_in(name: str) -> Client:
    client = Client()
    client.force_login(User.objects.get(username=name))
    return client


def patterns(urlconf: str) -> dict[str, tuple[set[str], str]]:
    """The names of a urlconf's addresses, each with those of its arguments and its whole route."""
    found: dict[str, tuple[set[str], str]] = {}

    def collect(several: list[Any], above: frozenset[str], before: str) -> None:
        for one in several:
            arguments, route = above | set(one.pattern.converters), f"{before}{one.pattern}"
            if isinstance(one, URLPattern):
                found[str(one.name)] = set(arguments), route
            elif not one.namespace:
                collect(one.url_patterns, arguments, route)

    collect(get_resolver(urlconf).url_patterns, frozenset(), "")
    return found


class Places:
    """Fills addresses with ids of what is there."""

    def __init__(self, staff: User) -> None:
        self._actor = acting(staff)
        self.integrations = list(
            Integration.objects.select_related("tenant", "snapshot").order_by("pk")
        )
        some = [one.pk for one in self.integrations[:3]]
        check = BulkCheck.objects.create(user=staff, began_at=timezone.now(), integrations=some)
        one_of_each_kind = dict(Mail.objects.values_list("kind", "pk"))
        self._others: dict[str, Iterable[object]] = {
            "feature_id": Feature.objects.values_list("public_id", flat=True)[:2],
            "mail_id": one_of_each_kind.values(),
            "check_id": [check.public_id],
            "outage_id": Outage.objects.values_list("public_id", flat=True),
            "name": [accent.stylesheet_name(accent.DEFAULT)],
            "key": Logo.objects.values_list("key", flat=True)[:1],
            "count": [3],
            "tool_id": [to_connect.offered().tool_id],
            "environment": ["production"],
            "uidb64": ["MQ"],
        }

    def addresses(self, urlconf: str, name: str, *, only: str = "") -> Iterator[str]:
        """Every address of this name, or only those of one tenant."""
        arguments, _route = patterns(urlconf)[name]
        for values in self._values(name, arguments, only):
            yield reverse(name, kwargs=values, urlconf=urlconf)

    def _values(self, name: str, arguments: set[str], only: str) -> Iterator[dict[str, Any]]:
        if "integration_id" in arguments:
            for one in self.integrations:
                if only in {"", one.tenant.origin_id}:
                    values = {"tenant_id": one.tenant.public_id, "integration_id": one.public_id}
                    if "hand_off_id" in arguments:
                        values["hand_off_id"] = self.hand_off(one).public_id
                    yield values
        elif "tenant_id" in arguments:
            for tenant in Tenant.objects.all():
                if only in {"", tenant.origin_id}:
                    yield {"tenant_id": tenant.public_id} | self._to_connect(tenant, arguments)
        elif "handle" in arguments:
            yield {"handle": repair_handles.make(self.integrations[0], "reconnect")}
        elif name == "join":
            yield {"token": self._invitation()}
            yield {"token": "x"}
        elif "token" in arguments and "uidb64" not in arguments:
            yield {"token": hand_offs.token_of(self.hand_off(self.integrations[0]))}
            yield {"token": "x"}
        elif arguments:
            [first, *rest] = sorted(arguments, reverse=True)
            for value in self._others[first]:
                yield {first: value, **dict.fromkeys(rest, "x")}
        else:
            yield {}

    def _to_connect(self, tenant: Tenant, arguments: set[str]) -> dict[str, str]:
        if "tool_id" in arguments:
            return {"category": "hris", "tool_id": to_connect.offered().tool_id}
        if "attempt_id" in arguments:
            return {"attempt_id": to_connect.planned(tenant).public_id}
        return {}

    def _invitation(self) -> str:
        """The token of an invitation to the staff."""
        root = User.objects.get(username="root")
        made = invitations.invite("new@northwind.example", StaffRole.LEAD, acting(root))
        return invitations.url_of(made).rstrip("/").rpartition("/")[2]

    def hand_off(self, integration: Integration) -> Any:
        return hand_offs.create(integration, "reconnect", by=self._actor)
