"""Kombo's words in ours, and those of our calls to it: how a sync ended, why a check failed."""

from django.utils.translation import gettext as _

from integrations.models import Snapshot


def sync_sentence(state: str) -> str:
    """How the latest transfer of data ended, with a place for `%(time)s`; a word of Kombo's that
    this version does not know says nothing of it.
    """
    sentences = {
        "SUCCEEDED": _("Last sync completed %(time)s"),
        "PARTIALLY_FAILED": _("Last sync partially completed %(time)s"),
        "FAILED": _("Last sync failed %(time)s"),
        "TIMED_OUT": _("Last sync timed out %(time)s"),
        "AUTHENTICATION_FAILED": _("Last sync failed at sign-in %(time)s"),
        "CANCELLED": _("Last sync canceled %(time)s"),
    }
    return sentences.get(state, _("Last synced %(time)s"))


def failure(snapshot: Snapshot) -> str:
    """Why the latest check failed, for staff; nothing if it did not."""
    return {
        "access_denied": _("Kombo rejected our API key or IP address."),
        "bad_answer": _("Kombo returned an invalid response."),
        "connection_failed": _("Kombo is unreachable."),
        "rate_limited": _("Kombo’s rate limit was reached."),
        "refused": _("Kombo rejected the request."),
        "server_failed": _("Kombo returned a server error."),
        "circuit_open": _("Requests to this environment are paused after repeated failures."),
        "timed_out": _("The request to Kombo timed out."),
    }.get(snapshot.error_kind, snapshot.error_kind)
