"""Why the vendor reads what it reads: written once, for every customer's access statement."""

from django.contrib import admin
from django.forms import ChoiceField, ModelForm
from django.utils.translation import gettext_lazy as _

from integrations.admin.audited import Audited
from integrations.admin.base import OfferedFiltersOnly
from integrations.domain.field_names import FieldGroup
from integrations.models import Purpose


def _groups() -> list[tuple[str, str]]:
    return [(group.value, group.label) for group in FieldGroup]


class PurposeForm(ModelForm):
    group = ChoiceField(label=_("Data group"), choices=_groups)


@admin.register(Purpose)
class PurposeAdmin(OfferedFiltersOnly, Audited, admin.ModelAdmin):
    """A text that is no longer true is followed by a new one, so that earlier days keep theirs."""

    form = PurposeForm
    list_display = ("group_name", "valid_from", "purpose", "legal_basis", "retention")
    list_filter = ("valid_from",)
    search_fields = ("group", "purpose", "legal_basis", "recipients")

    @admin.display(description=_("data group"), ordering="group")
    def group_name(self, purpose: Purpose) -> str:
        """The group in words; one of another version's as it is."""
        known = purpose.group in list(FieldGroup)
        return FieldGroup(purpose.group).label if known else purpose.group
