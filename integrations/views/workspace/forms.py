"""What account managers type: checked here, put into words where it can't be."""

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from typing import Any

from django import forms
from django.conf import settings
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from integrations.domain import reminder_schedule
from integrations.domain.dates import date_text
from integrations.mail import compose
from integrations.models import Identity, Note, Role, Tenant
from integrations.views.workspace import reminder_fields
from integrations.views.workspace.reminder_fields import PickOrWrite
from integrations.workspace import identity, staff_actions


class _Plain(forms.BaseForm):
    """Labels as in all our forms: without a colon."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs | {"label_suffix": ""})

    def full_clean(self) -> None:
        """Validate, and give the first field with an error the focus."""
        super().full_clean()
        for name in [name for name in self.fields if name in self.errors][:1]:
            self.fields[name].widget.attrs["autofocus"] = True


class NoteForm(_Plain, forms.ModelForm):  # type: ignore[type-arg]
    """A note about a customer, or about one integration."""

    class Meta:
        model = Note
        fields = ("text",)
        labels = {"text": gettext_lazy("New note")}
        widgets = {"text": forms.Textarea({"rows": 3})}


class SnoozeForm(_Plain, forms.Form):
    """Some days that a button names, or a date; what is broken wakes as that day begins."""

    days = forms.TypedChoiceField(
        choices=[(days, days) for days in staff_actions.SNOOZES], coerce=int, required=False
    )
    day = forms.DateField(
        label=gettext_lazy("Or until"),
        required=False,
        widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        first, last = _span()
        self.fields["day"].widget.attrs |= {"min": first.isoformat(), "max": last.isoformat()}

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        day = cleaned.get("day")
        (first, last) = _span()
        if cleaned.get("days"):
            cleaned["until"] = timezone.now() + timedelta(days=cleaned["days"])
        elif day and first <= day <= last:
            cleaned["until"] = timezone.make_aware(datetime.combine(day, time.min))
        elif day:
            words = _("Choose a date from tomorrow to %(last)s.")
            self.add_error("day", words % {"last": date_text(last)})
        elif not self.errors:
            self.add_error("day", _("Choose a date."))
        return cleaned


class AssignForm(_Plain, forms.Form):
    """Who takes care of a customer: somebody of the staff, or whoever does already."""

    owner = forms.ModelChoiceField(
        User.objects.none(),
        label=gettext_lazy("Account manager"),
        required=False,
        empty_label=gettext_lazy("Unassigned"),
    )

    def __init__(self, tenant: Tenant, *args: Any) -> None:
        super().__init__(*args, initial={"owner": tenant.owner_id})
        owner = self.fields["owner"]
        owner.queryset = staff_actions.account_managers(tenant=tenant)  # type: ignore[attr-defined]
        owner.label_from_instance = staff_actions.name_of  # type: ignore[attr-defined]


class CustomerForm(_Plain, forms.ModelForm):  # type: ignore[type-arg]
    """A new customer."""

    class Meta:
        model = Tenant
        fields = ("name", "origin_id", "language", "contact_email")
        widgets = {"contact_email": forms.EmailInput({"autocomplete": "off"})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["language"].choices = [("", _("Default")), *settings.LANGUAGES]  # type: ignore[attr-defined]

    def clean_contact_email(self) -> str:
        return _mailable(self.cleaned_data["contact_email"])


class _InvitationForm(_Plain, forms.Form):
    """Whom to invite, and as what; the address will be the name to sign in with."""

    email = forms.EmailField(
        label=gettext_lazy("Email address"),
        max_length=150,
        widget=forms.EmailInput({"autocomplete": "off"}),
    )
    role = forms.ChoiceField(label=gettext_lazy("Role"))

    def clean_email(self) -> str:
        return _mailable(self.cleaned_data["email"])


class StaffInvitationForm(_InvitationForm):
    """Somebody of the staff, in one of the roles that may be given."""

    def __init__(self, roles: list[tuple[str, str]], *args: Any) -> None:
        super().__init__(*args)
        self.fields["role"].choices = roles  # type: ignore[attr-defined]


class MemberInvitationForm(_InvitationForm):
    """Somebody of a customer's."""

    def __init__(self, *args: Any) -> None:
        super().__init__(*args, auto_id="invite_%s")
        self.fields["role"].choices = Role.choices  # type: ignore[attr-defined]
        self.initial["role"] = Role.MEMBER


class _SeenInput(forms.HiddenInput):
    """A hidden field without what Django adds for screen readers: HTML forbids that there."""

    def build_attrs(
        self, base_attrs: dict[str, Any], extra_attrs: dict[str, Any] | None = None
    ) -> dict[str, Any]:
        attrs = super().build_attrs(base_attrs, extra_attrs)
        return {name: value for name, value in attrs.items() if not name.startswith("aria-")}


class RemindersForm(_Plain, forms.ModelForm):  # type: ignore[type-arg]
    """Whom we write to, in which language, and when."""

    class Meta:
        model = Tenant
        fields = ("contact_email", "language", "reminders", "quiet_hours", "reminder_cap")
        widgets = {
            "contact_email": forms.EmailInput({"autocomplete": "off"}),
            "reminders": PickOrWrite(reminder_fields.schedule_text),
            "quiet_hours": PickOrWrite(reminder_fields.quiet_text),
        }
        help_texts = {"reminders": "", "quiet_hours": ""}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["language"].choices = [("", _("Default")), *settings.LANGUAGES]  # type: ignore[attr-defined]
        self.fields["reminders"].widget.choices = reminder_fields.schedule_choices()
        self.fields["quiet_hours"].widget.choices = reminder_fields.quiet_choices()
        for field in self.fields.values():
            field.show_hidden_initial = True  # what was seen here: others may change it meanwhile
            field.hidden_widget = _SeenInput

    @property
    def seen(self) -> dict[str, str]:
        """Return the changed fields' values as they were when the form was shown."""
        return {
            name: self.data.get(self.add_initial_prefix(name), "") for name in self.changed_data
        }

    @property
    def written(self) -> list[tuple[str, str, str]]:
        """Return the fields that experts may write: name, label, and what was typed."""
        names = {"reminders": _("Reminders, as text"), "quiet_hours": _("Quiet hours, as text")}
        return [
            (f"{name}_written", label, self.data.get(f"{name}_written", "")[:100])
            for name, label in names.items()
        ]

    def clean_contact_email(self) -> str:
        return _mailable(self.cleaned_data["contact_email"])

    def clean_reminders(self) -> str:
        return _checked(reminder_schedule.check_delays, self.cleaned_data["reminders"])

    def clean_quiet_hours(self) -> str:
        return _checked(reminder_schedule.check_quiet_hours, self.cleaned_data["quiet_hours"])


class IdentityForm(_Plain, forms.ModelForm):  # type: ignore[type-arg]
    """What the vendor looks like. A picture that was uploaded is kept at once, so that it is there
    still when something else has to be mended: its key comes back with the form.
    """

    class Meta:
        model = Identity
        fields = tuple(identity.TEXT_SETTINGS)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in identity.PICTURE_SETTINGS:
            self.fields[name] = forms.FileField(
                label=Identity._meta.get_field(name).verbose_name,  # type: ignore[union-attr]
                required=False,
                widget=forms.FileInput({"accept": ".png,.svg,image/png,image/svg+xml"}),
            )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        for name in identity.PICTURE_SETTINGS:
            setattr(self.instance, f"{name}_id", self._picture_key(name, cleaned.get(name)))
        return cleaned

    def _picture_key(self, name: str, uploaded: Any) -> str | None:
        """Return the key of a picture: the one that comes, else the one that the form has."""
        known = self.data.get(f"{name}-key", "")
        known = known if known and identity.has_picture(known) else ""
        if f"{name}-remove" in self.data:
            known = ""
        if uploaded:
            if key := identity.keep_picture(uploaded.read(identity.MAX_BYTES + 1)):
                return key
            words = _(
                "Choose a PNG or SVG file of up to %(n)s KB, without scripts or external content."
            )
            self.add_error(name, words % {"n": identity.MAX_BYTES // 1024})
        return known or None


def _mailable(typed: str) -> str:
    """Return an address, or nothing, as it was typed. Raises ValidationError."""
    if compose.unmailable(typed):
        raise ValidationError(_("Email can’t be sent to this address."))
    return typed


def _checked(check: Callable[[str], object], text: str) -> str:
    """What was typed, if it can be read or is left to the default. Raises ValidationError."""
    text = text.strip()
    if text:
        try:
            check(text)
        except ValueError as error:
            raise ValidationError(str(error)) from error
    return text


def _span() -> tuple[date, date]:
    """Return the first and the last day until which something can be snoozed, both included."""
    today = timezone.localdate()
    return today + timedelta(days=1), today + staff_actions.LONGEST_SNOOZE
