"""The audit record in words: the one place that turns acts, keys and values into the reader's
language.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.apps import apps
from django.contrib.auth.models import Group, User
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from integrations.access.audit import (
    COMMAND,
    EMBEDDED,
    FORGOTTEN,
    HAND_OFF,
    STRANGER,
    WORKER,
    Act,
    Detail,
)
from integrations.domain.dates import moment_text
from integrations.models import AuditEntry, Integration, Membership, Preferences, Tenant

NOTHING = "–"


class AuditWords:
    """What entries say in the language that is active while this is made, however long it is
    used.
    """

    def __init__(self) -> None:
        self._acts = {str(act): name_of(act) for act in Act}
        self._actors = actor_names()
        self._labels = _labels()
        self._values = _values()
        self._models = {
            one._meta.model_name: capfirst(str(one._meta.verbose_name))
            for name in ("integrations", "auth")
            for one in apps.get_app_config(name).get_models()
        }
        self._fields = {
            field.name: capfirst(str(getattr(field, "verbose_name", field.name)))
            for model in (Group, User, Preferences, Membership, Integration, Tenant)
            for field in (*model._meta.concrete_fields, *model._meta.many_to_many)
        }

    def who(self, entry: AuditEntry) -> str:
        """Whoever acted: a user's name as it is, anything else in words."""
        return entry.actor if entry.actor_id else self._actors.get(entry.actor, entry.actor)

    def what(self, entry: AuditEntry) -> str:
        """The act; one of another version's stays as it is."""
        return self._acts.get(entry.what, entry.what)

    def details(self, entry: AuditEntry) -> str:
        """What is kept of the act; a key of another version's stays as it is."""
        return "; ".join(self._said(key, value) for key, value in entry.told.items())

    def _said(self, key: str, value: Any) -> str:
        if key == Detail.CHANGES:
            return ", ".join(
                _labelled(
                    self._field(name), f"{self._value(key, before)} → {self._value(key, after)}"
                )
                for name, (before, after) in value.items()
            )
        label = self._labels.get(key, key)
        if isinstance(value, Mapping):
            return ", ".join(
                _labelled(f"{label} ({self._field(name)})", ", ".join(several))
                for name, several in value.items()
            )
        if isinstance(value, list):
            return _labelled(label, ", ".join(self._value(key, one) for one in value) or NOTHING)
        return _labelled(label, self._value(key, value))

    def _value(self, key: str, value: Any) -> str:
        match key:
            case Detail.OBJECT:
                return self._models.get(value, str(value))
            case Detail.FIELDS | Detail.WANTED:
                return self._field(str(value))
            case Detail.UNTIL:
                return moment_text(datetime.fromisoformat(value))
        return self._values.get((key, value), str(value))

    def _field(self, name: str) -> str:
        return self._fields.get(name, name)


def _labelled(label: str, value: str) -> str:
    return _("%(label)s: %(value)s") % {"label": label, "value": value}


def actor_names() -> dict[str, str]:
    """What those are called who act and are no user."""
    return {
        COMMAND.name: _("command line"),
        WORKER.name: _("background worker"),
        EMBEDDED: _("embedded view"),
        HAND_OFF: _("guest link"),
        STRANGER: _("someone who isn’t signed in"),
        FORGOTTEN: _("deleted person"),
    }


def name_of(what: str) -> str:
    """An act in words; one of another version's stays as it is."""
    words: dict[str, str] = {
        Act.ADMINISTERED: _("Changed in admin"),
        Act.ANNOUNCED: _("Marked as notified"),
        Act.ASSIGNED: _("Account manager changed"),
        Act.BULK_CHECKED: _("Bulk check requested"),
        Act.CHECKED: _("Manual check requested"),
        Act.CONFIRMED: _("Mapping confirmed"),
        Act.DISMISSED: _("Unmapped integration dismissed"),
        Act.EXPORTED: _("CSV downloaded"),
        Act.FEATURE_CHANGED: _("Feature changed"),
        Act.HAND_OFF_CREATED: _("Guest link created"),
        Act.HAND_OFF_OPENED: _("Guest link opened"),
        Act.HAND_OFF_REVEALED: _("Guest link viewed"),
        Act.HAND_OFF_REVOKED: _("Guest link revoked"),
        Act.IMPORTED: _("Mappings imported"),
        Act.LEFT_FRAME: _("Reconnect started in embedded view"),
        Act.MAIL_RESENT: _("Email resent"),
        Act.MAPPED: _("Integration mapped"),
        Act.NOTED: _("Note added"),
        Act.PASSWORD_CHANGED: _("Password changed"),
        Act.PAUSED: pgettext("audit", "Paused"),
        Act.PERSON_FORGOTTEN: _("Personal data of a person deleted"),
        Act.PREFERENCES_CHANGED: _("Notification settings changed"),
        Act.RECONNECT_BEGUN: _("Reconnect started"),
        Act.RECONNECTED: _("Reconnect finished"),
        Act.REMINDERS_CHANGED: _("Contact and reminders changed"),
        Act.REPLAYED: _("Webhook replayed"),
        Act.RESET_ASKED: _("Password reset requested"),
        Act.RESUMED: pgettext("audit", "Resumed"),
        Act.SESSION_BEGUN: _("Embedded session started"),
        Act.SESSIONS_ENDED: _("Embedded sessions ended"),
        Act.SETUP_BEGUN: _("Setup continued"),
        Act.SIGN_IN_FAILED: _("Sign-in failed"),
        Act.SIGNED_IN: _("Signed in"),
        Act.SIGNED_OUT: _("Signed out"),
        Act.SNOOZED: pgettext("audit", "Snoozed"),
        Act.SYNCED: _("Sync requested"),
        Act.TENANT_EXPORTED: _("Customer data exported"),
        Act.TENANT_FORGOTTEN: _("Customer data deleted"),
        Act.TOKEN_MADE: _("Embed token created"),
        Act.TOKEN_REFUSED: _("Embed token refused"),
        Act.VIEW_DELETED: _("Saved view deleted"),
        Act.VIEW_SAVED: _("View saved"),
        Act.VIEWED_AS_CUSTOMER: _("Viewed as customer"),
        Act.WOKEN: _("Snooze ended"),
    }
    return words.get(what, what)


def _labels() -> dict[str, str]:
    """What keys are called."""
    return {
        Detail.ACCOUNT: _("Account"),
        Detail.ADDED: pgettext("audit", "Added"),
        Detail.CODE: _("Reason"),
        Detail.CREATED: pgettext("audit", "Created"),
        Detail.CHANGED: pgettext("audit", "Changed"),
        Detail.DONE: pgettext("audit", "Change"),
        Detail.EVENT: _("Event"),
        Detail.FIELDS: pgettext("audit", "Changed"),
        Detail.FILE: _("File"),
        Detail.KIND: _("Type"),
        Detail.MOVED: pgettext("audit", "Moved"),
        Detail.NAME: _("Name"),
        Detail.NUMBER: _("Number"),
        Detail.OBJECT: _("Object"),
        Detail.ORGANIZATION: _("Organization"),
        Detail.ORIGIN_ID: _("Origin ID"),
        Detail.OUTCOME: _("Result"),
        Detail.PURPOSE: _("Purpose"),
        Detail.REMOVED: pgettext("audit", "Removed"),
        Detail.SCOPE: _("Scope"),
        Detail.TO: _("To"),
        Detail.TOOL: _("Tool"),
        Detail.UNTIL: _("Until"),
        Detail.WANTED: pgettext("audit", "Requested"),
        Detail.WAY: _("Method"),
    }


def _values() -> dict[tuple[str, Any], str]:
    """What those values are called that are words of ours; all others are names."""
    return {
        (Detail.CHANGES, ""): NOTHING,
        (Detail.CHANGES, "yes"): _("yes"),
        (Detail.CHANGES, "no"): _("no"),
        (Detail.DONE, "created"): pgettext("audit", "created"),
        (Detail.DONE, "changed"): pgettext("audit", "changed"),
        (Detail.DONE, "deleted"): pgettext("audit", "deleted"),
        (Detail.KIND, "reminder"): _("reminder"),
        (Detail.KIND, "recovered"): _("connection restored"),
        (Detail.KIND, "hand_off"): _("guest link"),
        (Detail.KIND, "alert"): _("account manager alert"),
        (Detail.KIND, "digest"): _("daily digest"),
        (Detail.KIND, "password_reset"): _("password reset"),
        (Detail.MOVED, "away"): _("to another customer"),
        (Detail.MOVED, "here"): _("from another customer"),
        (Detail.OUTCOME, "done"): pgettext("audit", "done"),
        (Detail.OUTCOME, "failed"): pgettext("audit", "failed"),
        (Detail.OUTCOME, "unconfirmed"): _("not confirmed by Kombo"),
        (Detail.OUTCOME, "queued_before"): _("already queued"),
        (Detail.PURPOSE, "reconnect"): _("reconnect"),
        (Detail.PURPOSE, "setup"): _("setup"),
        (Detail.SCOPE, "view"): _("view"),
        (Detail.SCOPE, "repair"): _("reconnect"),
        (Detail.WAY, "link"): _("by an emailed link"),
    }
