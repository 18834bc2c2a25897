"""The coverage grid's words, in the active language: why a data point is available or not."""

from django.utils.translation import gettext as _

from integrations.domain.coverage import Field, Group, Reason


def explain(row: Field | Group, *, tool: str, vendor: str) -> str:
    """Return in the active language why a row is or isn't available, and who can change it."""
    names = {"tool": tool, "vendor": vendor}
    match row.reason:
        case Reason.AVAILABLE if row.is_action:
            return _("Available")
        case Reason.AVAILABLE:
            return _("Shared (optional)") if row.optional else _("Shared (required)")
        case Reason.NOT_REQUESTED:
            return _("Not requested by %(vendor)s") % names
        case Reason.OPTED_OUT:
            return _("You opted out. You can change this when you reconnect.")
        case Reason.UNSUPPORTED:
            return _("Not supported by %(tool)s") % names
        case Reason.NOT_IMPLEMENTED:
            return _("Not available through this integration yet")
        case Reason.UNKNOWN:
            return _("Not yet known whether %(tool)s supports this") % names
        case Reason.MODEL_UNAVAILABLE:
            return _("Part of a data category that isn’t available")
        case Reason.UNCLEAR:
            return _("Not available. Ask %(vendor)s for the reason.") % names
