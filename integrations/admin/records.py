"""What happened: to look at only."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy

from integrations.admin.base import OfferedFiltersOnly, ReadOnly, ScopedToStaff
from integrations.domain.headline import TROUBLES
from integrations.domain.headline_text import badge_text
from integrations.history.text import IncidentText, entry_texts, incident_texts
from integrations.models import Entry, Event, Incident


@admin.register(Event)
class EventAdmin(OfferedFiltersOnly, ScopedToStaff, ReadOnly, admin.ModelAdmin):
    """A payload names a customer's people, so it is for the database alone."""

    tenant_path = "integration__tenant"
    list_display = ("received_at", "environment", "type", "integration", "worked_at", "error")
    list_filter = ("environment", "type", "error")
    list_select_related = ("integration__tenant",)
    search_fields = ("event_id", "integration__integration_id", "integration__tenant__name")
    fields = (
        "environment",
        "event_id",
        "type",
        "integration",
        "received_at",
        "worked_at",
        "attempts",
        "error",
    )
    date_hierarchy = "received_at"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Event]:
        return super().get_queryset(request).defer("payload")


class MostSevereStatus(admin.SimpleListFilter):
    """By the gravest status of an incident, in words."""

    title = gettext_lazy("most severe status")
    parameter_name = "key"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(key.value, badge_text(key)) for key in sorted(TROUBLES)]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Incident]) -> QuerySet[Incident]:
        return queryset.filter(key=self.value()) if self.value() else queryset


@admin.register(Incident)
class IncidentAdmin(OfferedFiltersOnly, ScopedToStaff, ReadOnly, admin.ModelAdmin):
    tenant_path = "integration__tenant"
    list_display = ("integration", "status", "opened_at", "closed_at", "detected_by", "ending")
    list_filter = (MostSevereStatus, "detected_by")
    list_select_related = ("integration__tenant", "repaired_by")
    search_fields = ("integration__integration_id", "integration__tenant__name")
    fields = (
        *("integration", "status", "opened_at", "closed_at"),
        *("detected_by", "ending", "relapses"),
    )

    @admin.display(description=gettext_lazy("most severe status"))
    def status(self, incident: Incident) -> str:
        return self._text(incident).title

    @admin.display(description=gettext_lazy("ended by"))
    def ending(self, incident: Incident) -> str:
        return self._text(incident).ended

    def _text(self, incident: Incident) -> IncidentText:
        [text] = incident_texts([incident], timezone.now())
        return text


@admin.register(Entry)
class EntryAdmin(OfferedFiltersOnly, ScopedToStaff, ReadOnly, admin.ModelAdmin):
    tenant_path = "integration__tenant"
    list_display = ("at", "integration", "kind", "title", "source", "actor")
    list_filter = ("kind", "source")
    list_select_related = ("integration__tenant", "integration__snapshot", "actor")
    search_fields = ("integration__integration_id", "integration__tenant__name")
    fields = ("integration", "at", "kind", "title", "source", "actor")
    date_hierarchy = "at"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Entry]:
        return super().get_queryset(request).defer("integration__snapshot__coverage")

    @admin.display(description=gettext_lazy("event"))
    def title(self, entry: Entry) -> str:
        [text] = entry_texts([entry], tool=entry.integration.snapshot.tool_label)
        return text.title
