"""Talk to Kombo: one method per call the dashboard makes.

Every method returns a checked value or raises a KomboError, within the deadline given, retries and
waits included. Base URLs by region: https://api.kombo.dev/v1, https://api.us.kombo.dev/v1,
https://api.ca.kombo.dev/v1. Source: https://docs.kombo.dev
"""

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal

from .calls import Caller, header, segment
from .errors import BadAnswer
from .field_schema import Named, Page
from .schema import (
    ApiKey,
    Catalogue,
    CatalogueTool,
    ConnectedIntegration,
    CustomField,
    CustomFields,
    Details,
    IntegrationField,
    IntegrationFields,
    Link,
    Nothing,
    QueuedSync,
)

LANGUAGES = frozenset({"en", "de", "fr", "it", "es"})
MOST_PAGES = 20  # of fields: some thousand
LARGEST_CATALOGUE = 16 * 1024 * 1024  # bytes: some hundred tools, each with all its fields


class Kombo(Caller):
    """One Kombo environment and what it can be asked."""

    def details(self, integration_id: str) -> Details:
        """Return everything Kombo has to say on one integration.

        Raises BadAnswer if the answer is about another one, as it might be another customer's.
        """
        details = self._get(f"/integrations/{segment(integration_id)}", Details)
        if details.id != integration_id:
            raise BadAnswer(path="$.data.id")
        return details

    def relink(self, integration_id: str, *, language: str, scope: str = "") -> str:
        """Return a link, good for one hour, by which the customer renews the credentials.

        With the id of another scope config the customer sees what that asks for, and the
        integration has it once they are through. Always EMBEDDED: a MAGIC_LINK would live for a
        year. The link is as Kombo sent it, unchecked.
        """
        json = {"scope_config_id": scope} if scope else {}
        return self._link(f"/integrations/{segment(integration_id)}/relink", language, json)

    def setup_link(self, integration_id: str, *, language: str) -> str:
        """Return a link, good for one hour, to the steps of the setup, of one that is over too.

        Raises Refused with PLATFORM.INPUT_INVALID where none is enabled. The link is unchecked.
        """
        return self._link(f"/integrations/{segment(integration_id)}/setup-link", language)

    def set_enabled(self, integration_id: str, *, value: bool) -> None:
        """Switch an integration on or off. Credentials and settings survive either."""
        path = f"/integrations/{segment(integration_id)}/enabled"
        self._send("PUT", path, Nothing, json={"value": value})

    def delete(self, integration_id: str) -> None:
        """Disconnect an integration for good. Its data at Kombo goes 14 days later.

        Source: https://docs.kombo.dev, "Delete integration" and "Deletion policy".
        """
        self._send("DELETE", f"/integrations/{segment(integration_id)}", Nothing, json={})

    def force_sync(
        self, integration_id: str, *, kind: Literal["FULL", "DELTA"] = "FULL"
    ) -> QueuedSync:
        """Queue a sync, or learn of the one under way. For a person's click, never for a timer."""
        headers = {"X-Integration-Id": header(integration_id)}
        return self._send("POST", "/force-sync", QueuedSync, json={"type": kind}, headers=headers)

    def check_api_key(self) -> str:
        """Return the id of the environment that the API key belongs to."""
        return self._get("/check-api-key", ApiKey).environment_id

    def integration_by_token(self, token: str) -> ConnectedIntegration:
        """Return the integration that the short-lived token of a finished connection flow stands
        for.
        """
        return self._get(f"/connect/integration-by-token/{segment(token)}", ConnectedIntegration)

    def tools(self, category: str) -> tuple[CatalogueTool, ...]:
        """Return the tools of a category that are enabled in the environment."""
        path = f"/tools/{segment(category.lower())}"
        return self._get(path, Catalogue, max_bytes=LARGEST_CATALOGUE).tools

    def custom_fields(self, integration_id: str) -> list[CustomField]:
        """Return the vendor's own fields of an integration, each with what it reads from."""
        path = f"/integrations/{segment(integration_id)}/custom-fields?page_size=250"
        return self._pages(path, CustomFields)

    def integration_fields(self, integration_id: str) -> list[IntegrationField]:
        """Return the fields that the tool itself has."""
        path = f"/integrations/{segment(integration_id)}/integration-fields?page_size=2000"
        return self._pages(path, IntegrationFields)

    def map_custom_field(
        self, integration_id: str, custom_id: str, source_id: str | None
    ) -> CustomField:
        """Have a field of the vendor's read from one of the tool's, or from none. Return it.

        Raises BadAnswer if the answer is about another one, or another source.
        """
        path = f"/integrations/{segment(integration_id)}/custom-fields/{segment(custom_id)}"
        changed = self._send("PUT", path, CustomField, json={"integration_field_id": source_id})
        read_from = changed.integration_field.id if changed.integration_field else None
        if (changed.id, read_from) != (custom_id, source_id):
            raise BadAnswer(path="$.data")
        return changed

    def _pages[T: Named](self, path: str, wanted: type[Page[T]]) -> list[T]:
        """Return what all pages have, of as many as anybody has; what comes twice counts once."""
        found: dict[str, T] = {}
        cursor: str | None = ""
        for _page in range(MOST_PAGES):
            page = self._get(f"{path}&cursor={segment(cursor)}" if cursor else path, wanted)
            found |= {one.id: one for one in page.results}
            cursor = page.next
            if not cursor:
                break
        return list(found.values())

    def create_link(
        self,
        *,
        email: str,
        organization: str,
        origin_id: str,
        category: str,
        tool: str,
        language: str,
        scope: str = "",
        filtering: bool = False,
        field_mapping: bool = False,
    ) -> str:
        """Return a link, good for one hour, by which somebody of a customer connects a tool.

        `scope` is the id of a scope config, empty for the environment's own. The link is as Kombo
        sent it, unchecked. Used twice it makes two integrations: Kombo does not compare.
        """
        json = {
            "end_user_email": email,
            "end_user_organization_name": organization,
            "end_user_origin_id": origin_id,
            "integration_category": category,
            "integration_tool": tool,
            "enable_filtering": filtering,
            "enable_field_mapping": field_mapping,
        }
        if scope:
            json["scope_config_id"] = scope
        return self._link("/connect/create-link", language, json)

    def _link(
        self, path: str, language: str, more: Mapping[str, object] = MappingProxyType({})
    ) -> str:
        primary = re.split("[-_]", language.lower())[0]
        known = primary if primary in LANGUAGES else "en"
        json = {**more, "language": known, "link_type": "EMBEDDED"}
        return self._send("POST", path, Link, json=json).link
