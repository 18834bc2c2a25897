"""What happened: to look at only."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from integrations.admin.base import OfferedFiltersOnly, ReadOnly, ScopedToStaff
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


@admin.register(Incident)
class IncidentAdmin(OfferedFiltersOnly, ScopedToStaff, ReadOnly, admin.ModelAdmin):
    tenant_path = "integration__tenant"
    list_display = ("integration", "key", "opened_at", "closed_at", "detected_by", "ended_by")
    list_filter = ("key", "detected_by", "ended_by")
    list_select_related = ("integration__tenant",)
    search_fields = ("integration__integration_id", "integration__tenant__name")


@admin.register(Entry)
class EntryAdmin(OfferedFiltersOnly, ScopedToStaff, ReadOnly, admin.ModelAdmin):
    tenant_path = "integration__tenant"
    list_display = ("at", "integration", "kind", "what", "source", "actor")
    list_filter = ("kind", "source")
    list_select_related = ("integration__tenant", "actor")
    search_fields = ("integration__integration_id", "integration__tenant__name")
    date_hierarchy = "at"
