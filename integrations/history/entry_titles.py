"""Whole sentences about what happened, one for each combination: no language is glued of parts."""

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from integrations.domain.coverage import Reason
from integrations.models import DisconnectOutcome, RepairAct


def repair_titles(*, is_known: bool) -> dict[str, str]:
    """What was done, by somebody of a name or by nobody knows whom."""
    if is_known:
        return {
            "reconnected": _("%(who)s reconnected %(tool)s"),
            RepairAct.RECONNECT: _("%(who)s started reconnecting %(tool)s"),
            RepairAct.SETUP: _("%(who)s continued the setup of %(tool)s"),
            "resume": _("%(who)s resumed %(tool)s"),
            RepairAct.CONNECT: _("%(who)s connected %(tool)s"),
            "settings": _("%(who)s opened the settings of %(tool)s"),
        }
    return {
        "reconnected": _("%(tool)s was reconnected"),
        RepairAct.RECONNECT: _("Reconnecting %(tool)s was started"),
        RepairAct.SETUP: _("The setup of %(tool)s was continued"),
        "resume": _("%(tool)s was resumed"),
        RepairAct.CONNECT: _("%(tool)s was connected"),
        "settings": _("The settings of %(tool)s were opened"),
        "account": _("%(tool)s was connected by another account than before"),
    }


def disconnect_title(outcome: str, *, is_known: bool) -> str:
    """What came of an attempt to disconnect, by somebody of a name or by nobody knows whom."""
    if outcome == DisconnectOutcome.DONE:
        return _("%(who)s disconnected %(tool)s") if is_known else _("%(tool)s was disconnected")
    return (
        _("%(who)s tried to disconnect %(tool)s")
        if is_known
        else _("An attempt was made to disconnect %(tool)s")
    )


def coverage_title(counts: dict[str, int]) -> str:
    """How many datapoints became available, were opted out, or are available no more."""
    new, opted_out = counts.get(Reason.AVAILABLE, 0), counts.get(Reason.OPTED_OUT, 0)
    numbers = {"new": new, "out": opted_out, "gone": sum(counts.values()) - new - opted_out, "n": 0}
    match [name for name, number in numbers.items() if number]:
        case ["new"]:
            title = ngettext("%(n)s field is now available", "%(n)s fields are now available", new)
        case ["out"]:
            title = ngettext("Opted out of %(n)s field", "Opted out of %(n)s fields", opted_out)
        case ["gone"]:
            title = ngettext(
                "%(n)s field is no longer available",
                "%(n)s fields are no longer available",
                numbers["gone"],
            )
        case ["new", "out"]:
            title = _("Shared data changed (now available: %(new)s, opted out: %(out)s)")
        case ["new", "gone"]:
            title = _("Shared data changed (now available: %(new)s, no longer available: %(gone)s)")
        case ["out", "gone"]:
            title = _("Shared data changed (opted out: %(out)s, no longer available: %(gone)s)")
        case _:
            title = _(
                "Shared data changed (now available: %(new)s, opted out: %(out)s, no longer "
                "available: %(gone)s)"
            )
    return title % (numbers | {"n": sum(numbers.values())})
