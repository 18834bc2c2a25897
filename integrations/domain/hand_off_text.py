"""What a guest link asks of a colleague, in the active language."""

from django.utils.translation import gettext as _


def request_text(*, is_setup: bool, person: str, organization: str, tool: str) -> str:
    """Return who asks for what. `person` is empty if nobody in particular of the organization asks;
    all names are isolated.
    """
    names = {"person": person, "organization": organization, "tool": tool}
    if person and is_setup:
        text = _("%(person)s of %(organization)s asks you to finish setting up %(tool)s.")
    elif person:
        text = _("%(person)s of %(organization)s asks you to reconnect %(tool)s.")
    elif is_setup:
        text = _("%(organization)s asks you to finish setting up %(tool)s.")
    else:
        text = _("%(organization)s asks you to reconnect %(tool)s.")
    return text % names
