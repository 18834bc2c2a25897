"""What is done in the administration, as the audit record keeps it: which object, and what of it
became what.
"""

from collections.abc import Iterable
from typing import Any

from django.contrib.auth.models import Permission
from django.db.models import Model, QuerySet
from django.forms import ModelChoiceField
from django.http import HttpRequest

from integrations.access import audit
from integrations.access.audit import Act, Value
from integrations.models import Integration, Tenant
from integrations.views.actors import actor_of

# Ids, and what decides who may do what: kept as they were and are. Of all else it is kept that it
# changed.
VALUES = {
    "environment",
    "integration_id",
    "is_active",
    "is_staff",
    "is_superuser",
    "name",
    "origin_id",
    "owner",
    "role",
    "username",
}


class Audited:
    """What is done here is in the audit record too, not only in Django's own log."""

    def construct_change_message(
        self, request: Any, form: Any, formsets: Any, add: bool = False
    ) -> Any:
        """Django's own words for its log; of what stands in rows below a form, ours for ours."""
        request.audited = self.audited_changes(form)
        for formset in formsets or ():
            for new_object in formset.new_objects:
                self._note(request, new_object, "created")
            for changed_object, fields in formset.changed_objects:
                self._note(request, changed_object, "changed", fields=list(fields))
            for deleted_object in formset.deleted_objects:
                self._note(request, deleted_object, "deleted")
        return super().construct_change_message(request, form, formsets, add)  # type: ignore[misc]

    def audited_changes(self, form: Any) -> dict[str, Value]:
        """What a form that was saved changed."""
        return changes(form)

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        self._note(request, obj, "created", **getattr(request, "audited", {}))
        return super().log_addition(request, obj, message)  # type: ignore[misc]

    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        self._note(request, obj, "changed", **getattr(request, "audited", {}))
        return super().log_change(request, obj, message)  # type: ignore[misc]

    def log_deletions(self, request: HttpRequest, queryset: Any) -> Any:
        for obj in queryset:
            self._note(request, obj, "deleted")
        return super().log_deletions(request, queryset)  # type: ignore[misc]

    def _note(self, request: HttpRequest, obj: Any, done: str, **more: Value) -> None:
        tenant = obj if isinstance(obj, Tenant) else getattr(obj, "tenant", None)
        integration = obj if isinstance(obj, Integration) else None
        # An entry names its tenant, its tool and its integration by itself.
        name = "" if isinstance(obj, Tenant | Integration) else str(obj)
        details: dict[str, Any] = {
            "object": obj._meta.model_name,
            "name": name,
            "done": done,
            **more,
        }
        audit.record(
            actor_of(request), Act.ADMINISTERED, tenant=tenant, integration=integration, **details
        )


def changes(form: Any) -> dict[str, Value]:
    """What a form that was saved changed, by field: what was and is, which names came and went, or
    only that it changed.
    """
    became: dict[str, list[str]] = {}
    added: dict[str, list[str]] = {}
    removed: dict[str, list[str]] = {}
    others = []
    for name in form.changed_data:
        before, after = form.initial.get(name), form.cleaned_data.get(name)
        if isinstance(after, QuerySet):
            had, has = _names(before or ()), _names(after)
            added |= {name: sorted(has - had)} if has - had else {}
            removed |= {name: sorted(had - has)} if had - has else {}
        elif name in VALUES:
            became[name] = [_text(form.fields[name], before), _text(form.fields[name], after)]
        else:
            others.append(name)
    details: list[tuple[str, Value]] = [("changes", became), ("added", added), ("removed", removed)]
    return {name: value for name, value in (*details, ("fields", others)) if value}


def _names(objects: Iterable[Model]) -> set[str]:
    """What those are called that something has many of; a permission as programs know it, as its
    words are in some language.
    """
    return {
        f"{obj.content_type.app_label}.{obj.codename}" if isinstance(obj, Permission) else str(obj)
        for obj in objects
    }


def _text(field: Any, value: Any) -> str:
    """A value as a text: of another object its name, of yes and no a word of ours."""
    if isinstance(field, ModelChoiceField) and not isinstance(value, Model):
        among: Any = field.queryset
        value = among.model._base_manager.filter(pk=value).first()
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "" if value is None else str(value)
