"""Kombo's words in ours, and those of our calls to it: how a sync ended, why a check failed."""

from django.utils.translation import gettext as _

from integrations.models import Snapshot


def sync_result(state: str) -> str:
    """How the latest transfer of data ended; a word of Kombo's that this version does not know says
    nothing.
    """
    words = {
        "SUCCEEDED": _("complete"),
        "PARTIALLY_FAILED": _("not complete"),
        "FAILED": _("failed"),
        "TIMED_OUT": _("took too long"),
        "AUTHENTICATION_FAILED": _("sign-in failed"),
        "CANCELLED": _("stopped"),
    }
    return words.get(state, "")


def failure(snapshot: Snapshot) -> str:
    """Why the latest check failed, for staff; nothing if it did not."""
    return {
        "access_denied": _("Kombo refused our API key or address."),
        "bad_answer": _("Kombo's answer can't be read."),
        "connection_failed": _("Kombo can't be reached."),
        "rate_limited": _("Kombo asks us to call less often."),
        "refused": _("Kombo refused the question."),
        "server_failed": _("Kombo failed to answer."),
        "circuit_open": _("Calls to this environment are paused after failures."),
        "timed_out": _("Kombo did not answer in time."),
    }.get(snapshot.error_kind, snapshot.error_kind)
