"""What a guest link asks of a colleague, in the active language."""

from django.utils.translation import gettext as _

from integrations.models import RepairAct


def request_text(act: str, *, person: str, organization: str, tool: str) -> str:
    """Return who asks for which act. `person` is empty if nobody in particular of the organization
    asks; all names are isolated.
    """
    names = {"person": person, "organization": organization, "tool": tool}
    match act:
        case RepairAct.CONNECT if person:
            text = _("%(person)s of %(organization)s asks you to connect %(tool)s.")
        case RepairAct.CONNECT:
            text = _("%(organization)s asks you to connect %(tool)s.")
        case RepairAct.SETUP if person:
            text = _("%(person)s of %(organization)s asks you to finish setting up %(tool)s.")
        case RepairAct.SETUP:
            text = _("%(organization)s asks you to finish setting up %(tool)s.")
        case _act if person:
            text = _("%(person)s of %(organization)s asks you to reconnect %(tool)s.")
        case _act:
            text = _("%(organization)s asks you to reconnect %(tool)s.")
    return text % names
