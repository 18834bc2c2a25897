"""The audit record in words: the one place that turns acts, keys and values into the reader's
language.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from django.apps import apps
from django.contrib.auth.models import Group, User
from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext, pgettext_lazy

from integrations.access import roles
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
from integrations.domain.bidi import isolate
from integrations.domain.dates import moment_text
from integrations.models import (
    AuditEntry,
    Identity,
    Integration,
    Membership,
    Preferences,
    Purpose,
    Role,
    Tenant,
)

NOTHING = "–"
ROLES_IN = (Detail.ROLE, Detail.CHANGES)  # what may hold one
ROLE_NAMES: Mapping[str, Promise] = {
    **roles.NAMES,
    Role.VIEWER: pgettext_lazy("role", "Viewer"),
    Role.MEMBER: pgettext_lazy("role", "Member"),
}
# Of two fields with one name, the last model's names it.
_AUDITED = (Group, User, Preferences, Membership, Purpose, Identity, Integration, Tenant)

NAMES: Mapping[str, Promise] = {
    Act.ACCOUNT_SESSIONS_ENDED: gettext_lazy("Sessions ended"),
    Act.ACCOUNT_ADDED: gettext_lazy("Account created at sign-in"),
    Act.ACCOUNT_LINKED: gettext_lazy("Account linked to the identity provider"),
    Act.ADMINISTERED: gettext_lazy("Changed in admin"),
    Act.ANNOUNCED: gettext_lazy("Marked as notified"),
    Act.ASKED: gettext_lazy("Colleagues asked"),
    Act.ASSIGNED: gettext_lazy("Account manager changed"),
    Act.BULK_CHECKED: gettext_lazy("Bulk check requested"),
    Act.CHECKED: gettext_lazy("Manual check requested"),
    Act.CONFIRMED: gettext_lazy("Mapping confirmed"),
    Act.CONNECT_BEGUN: gettext_lazy("Connection started"),
    Act.CONNECT_DISMISSED: gettext_lazy("Connection attempt dismissed"),
    Act.CONNECTED: gettext_lazy("Tool connected"),
    Act.DISCONNECT_APPROVED: gettext_lazy("Disconnecting approved"),
    Act.DISCONNECT_BEGUN: gettext_lazy("Disconnecting started"),
    Act.DISCONNECT_REQUESTED: gettext_lazy("Disconnecting requested"),
    Act.DISCONNECT_WITHDRAWN: gettext_lazy("Request to disconnect withdrawn"),
    Act.DISCONNECTED: gettext_lazy("Disconnecting finished"),
    Act.DISMISSED: gettext_lazy("Unmapped integration dismissed"),
    Act.EXPORTED: gettext_lazy("Downloaded"),
    Act.FEATURE_CHANGED: gettext_lazy("Feature changed"),
    Act.FIELD_MAPPED: gettext_lazy("Field mapping changed"),
    Act.HAND_OFF_CREATED: gettext_lazy("Guest link created"),
    Act.HAND_OFF_OPENED: gettext_lazy("Guest link opened"),
    Act.HAND_OFF_REVEALED: gettext_lazy("Guest link viewed"),
    Act.HAND_OFF_REVOKED: gettext_lazy("Guest link revoked"),
    Act.IDENTITY_CHANGED: gettext_lazy("Branding changed"),
    Act.IMPORTED: gettext_lazy("Mappings imported"),
    Act.INVITATION_ACCEPTED: gettext_lazy("Invitation accepted"),
    Act.INVITATION_REVOKED: gettext_lazy("Invitation revoked"),
    Act.INVITED: gettext_lazy("Person invited"),
    Act.LEFT_FRAME: gettext_lazy("Reconnect started in embedded view"),
    Act.MAIL_RESENT: gettext_lazy("Email resent"),
    Act.MAPPED: gettext_lazy("Integration mapped"),
    Act.NOTED: gettext_lazy("Note added"),
    Act.PASSWORD_CHANGED: gettext_lazy("Password changed"),
    Act.PAUSED: pgettext_lazy("audit", "Paused"),
    Act.PERSON_CHANGED: gettext_lazy("Access of staff changed"),
    Act.PERSON_FORGOTTEN: gettext_lazy("Personal data of a person deleted"),
    Act.PREFERENCES_CHANGED: gettext_lazy("Notification settings changed"),
    Act.REAUTHENTICATED: gettext_lazy("Identity confirmed"),
    Act.RECONNECT_BEGUN: gettext_lazy("Reconnect started"),
    Act.RECONNECTED: gettext_lazy("Reconnect finished"),
    Act.REMINDERS_CHANGED: gettext_lazy("Contact and reminders changed"),
    Act.REMINDERS_RELEASED: gettext_lazy("Reminders sent despite an outage"),
    Act.REPLAYED: gettext_lazy("Webhook replayed"),
    Act.RESET_ASKED: gettext_lazy("Password reset requested"),
    Act.RESUMED: pgettext_lazy("audit", "Resumed"),
    Act.ROLES_SET: gettext_lazy("Access set by the identity provider"),
    Act.SECOND_FACTOR_CHANGED: gettext_lazy("Second factor changed"),
    Act.SESSION_BEGUN: gettext_lazy("Embedded session started"),
    Act.SESSIONS_ENDED: gettext_lazy("Embedded sessions ended"),
    Act.SETTINGS_OPENED: gettext_lazy("Settings of the connection opened"),
    Act.SETUP_BEGUN: gettext_lazy("Setup continued"),
    Act.SIGN_IN_FAILED: gettext_lazy("Sign-in failed"),
    Act.SIGNED_IN: gettext_lazy("Signed in"),
    Act.SIGNED_OUT: gettext_lazy("Signed out"),
    Act.SNOOZED: pgettext_lazy("audit", "Snoozed"),
    Act.SYNCED: gettext_lazy("Sync requested"),
    Act.TENANT_ADDED: gettext_lazy("Customer added"),
    Act.TENANT_EXPORTED: gettext_lazy("Customer data exported"),
    Act.TENANT_FORGOTTEN: gettext_lazy("Customer data deleted"),
    Act.TOKEN_MADE: gettext_lazy("Embed token created"),
    Act.TOOL_NOTE_CHANGED: gettext_lazy("Note on a tool changed"),
    Act.TOKEN_REFUSED: gettext_lazy("Embed token refused"),
    Act.VIEW_DELETED: gettext_lazy("Saved view deleted"),
    Act.VIEW_SAVED: gettext_lazy("View saved"),
    Act.VIEWED: gettext_lazy("Customer page opened"),
    Act.VIEWED_AS_CUSTOMER: gettext_lazy("Viewed as customer"),
    Act.WOKEN: gettext_lazy("Snooze ended"),
}


class AuditWords:
    """What entries say in the language that is active while this is made, however long it is
    used; `name` makes of a name what stands in a sentence.
    """

    def __init__(self, name: Callable[[str], str] = isolate) -> None:
        self._name = name
        self._acts = {str(act): name_of(act) for act in Act}
        self._actors = actor_names()
        self._labels = _labels()
        self._values = _values()
        self._models = {
            model._meta.model_name: capfirst(str(model._meta.verbose_name))
            for name in ("integrations", "auth")
            for model in apps.get_app_config(name).get_models()
        }
        self._fields = {
            field.name: capfirst(str(getattr(field, "verbose_name", field.name)))
            for model in _AUDITED
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
        return "; ".join(self._detail_text(key, value) for key, value in entry.told.items())

    def _detail_text(self, key: str, value: Any) -> str:
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
                _labelled(f"{label} ({self._field(name)})", ", ".join(map(self._name, names)))
                for name, names in value.items()
            )
        if isinstance(value, list):
            return _labelled(label, ", ".join(self._value(key, item) for item in value) or NOTHING)
        return _labelled(label, self._value(key, value))

    def _value(self, key: str, value: Any) -> str:
        match key:
            case Detail.OBJECT:
                return self._models.get(value, str(value))
            case Detail.FIELDS | Detail.WANTED:
                return self._field(str(value))
            case Detail.UNTIL:
                return moment_text(datetime.fromisoformat(value))
        return self._values.get((key, value)) or self._name(str(value))

    def _field(self, name: str) -> str:
        return self._fields.get(name, name)


def _labelled(label: str, value: str) -> str:
    return _("%(label)s: %(value)s") % {"label": label, "value": value}


def actor_names() -> dict[str, str]:
    """Return the names of actors that are no users, by what the record calls them."""
    return {
        COMMAND.name: _("command line"),
        WORKER.name: _("background worker"),
        EMBEDDED: _("embedded view"),
        HAND_OFF: _("guest link"),
        STRANGER: _("someone who isn’t signed in"),
        FORGOTTEN: _("deleted person"),
    }


def name_of(act: str) -> str:
    """An act in words; one of another version's stays as it is."""
    return str(NAMES.get(act, act))


def _labels() -> dict[str, str]:
    """Return the labels of the details' keys."""
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
        Detail.ROLE: _("Role"),
        Detail.SCOPE: _("Scope"),
        Detail.SOURCE: pgettext("audit", "Reads from"),
        Detail.TO: _("To"),
        Detail.TOOL: _("Tool"),
        Detail.UNTIL: _("Until"),
        Detail.WANTED: pgettext("audit", "Requested"),
        Detail.WAY: _("Method"),
    }


def _values() -> dict[tuple[str, Any], str]:
    """Return the texts of values that are words of ours, by key and value; others are names."""
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
        (Detail.KIND, "invitation"): _("invitation to connect"),
        (Detail.KIND, "alert"): _("account manager alert"),
        (Detail.KIND, "ask"): _("request to a colleague"),
        (Detail.KIND, "digest"): _("daily digest"),
        (Detail.KIND, "password_reset"): _("password reset"),
        (Detail.KIND, "account_invitation"): _("invitation to sign in"),
        (Detail.MOVED, "away"): _("to another customer"),
        (Detail.MOVED, "here"): _("from another customer"),
        (Detail.OUTCOME, "done"): pgettext("audit", "done"),
        (Detail.OUTCOME, "failed"): pgettext("audit", "failed"),
        (Detail.OUTCOME, "unconfirmed"): _("not confirmed by Kombo"),
        (Detail.OUTCOME, "queued_before"): _("already queued"),
        (Detail.OUTCOME, "refused"): _("declined by Kombo"),
        (Detail.OUTCOME, "gone"): _("already disconnected"),
        (Detail.PURPOSE, "connect"): _("connect"),
        (Detail.PURPOSE, "reconnect"): _("reconnect"),
        (Detail.PURPOSE, "setup"): _("setup"),
        (Detail.PURPOSE, "scope"): _("new scope config"),
        (Detail.SCOPE, "view"): _("view"),
        (Detail.SCOPE, "repair"): _("reconnect"),
        (Detail.WAY, "link"): _("by an emailed link"),
        **{(key, role): str(name) for key in ROLES_IN for role, name in ROLE_NAMES.items()},
        (Detail.WAY, "password"): _("password"),
        (Detail.WAY, "provider"): _("identity provider"),
        (Detail.WAY, "recovery_codes"): _("recovery code"),
        (Detail.WAY, "totp"): _("authenticator app"),
        (Detail.WAY, "webauthn"): _("passkey"),
        (Detail.KIND, "recovery_codes"): _("recovery codes"),
        (Detail.KIND, "totp"): _("authenticator app"),
        (Detail.KIND, "webauthn"): _("passkey"),
    }
