"""The one thing that would change whether a feature works, in words: for staff, and for the
customer.
"""

from dataclasses import dataclass

from django.conf import settings
from django.utils.translation import gettext as _

from integrations.domain.bidi import isolate
from integrations.workspace.gains import Gain, Step


@dataclass(frozen=True, slots=True)
class GainText:
    """A step in words; `integration` is the public ID of the one to reconnect, empty if there is
    none.
    """

    step: str
    sentence: str
    tool: str = ""
    integration: str = ""


def gain_text(gain: Gain | None, *, for_customer: bool) -> GainText | None:
    """Return what would change an answer in words; None if nothing has to."""
    if gain is None:
        return None
    names = {"tool": isolate(gain.tool), "vendor": isolate(settings.VENDOR_NAME)}
    words = _for_customer(gain.step) if for_customer else _for_staff(gain.step)
    return GainText(gain.step, words % names, gain.tool, gain.integration)


def _for_customer(step: Step) -> str:
    match step:
        case Step.SHARE:
            return _("You can change this: reconnect %(tool)s and share this data.")
        case Step.SCOPE:
            return _(
                "You can change this: %(vendor)s has changed what it requests since %(tool)s was "
                "connected. Reconnect %(tool)s to review and accept it."
            )
        case Step.ASK:
            return _("Only %(vendor)s can change this.")
        case Step.CONNECT:
            return _("You can change this: connect a tool that has this data.")
    return _for_both(step)


def _for_staff(step: Step) -> str:
    match step:
        case Step.SHARE:
            return _("The customer can change this by reconnecting %(tool)s and sharing this data.")
        case Step.SCOPE:
            return _(
                "The customer can change this by reconnecting %(tool)s: it still has another "
                "scope config than the one in your settings."
            )
        case Step.ASK:
            return _(
                "You can change this: request the data in Kombo’s scope config, or ask Kombo "
                "if it gives no reason."
            )
        case Step.CONNECT:
            return _("The customer can change this by connecting a tool that has this data.")
    return _for_both(step)


def _for_both(step: Step) -> str:
    if step is Step.WAIT:
        return _("Nothing to do for now: Kombo doesn’t know yet whether this data is available.")
    return _("This can’t be changed with the tools that are connected.")
