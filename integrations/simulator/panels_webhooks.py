"""What the page of switches shows of webhooks: the latest deliveries, and what only webhooks
tell.
"""

from collections import Counter
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote, urlencode

from integrations.simulator.issues import KINDS
from integrations.simulator.issues_and_syncs import QA_STATES, SYNC_STATES, timestamp
from integrations.simulator.states import Details
from integrations.simulator.web import Markup, joined, markup, options, render
from integrations.simulator.webhook_sender import MODES, Delivery
from integrations.simulator.world import World

OUTCOMES = {
    "delivered": ("ok", "delivered"),
    "waiting": ("working", "on the way"),
    "failed": ("action_required", "given up"),
    "lost": ("attention", "lost on purpose"),
}
KIND_LABELS = {
    "authentication_failed": "Signing in fails",
    "action_failing": "An action keeps failing",
    "incoming_webhook_failing": "The tool's messages fail",
    "hostile": "Hostile text, for tests",
}
SYNC_LABELS = {
    "SUCCEEDED": "well",
    "PARTIALLY_FAILED": "partly well",
    "FAILED": "badly",
    "AUTHENTICATION_FAILED": "as signing in failed",
    "CANCELLED": "cancelled",
    "TIMED_OUT": "by taking too long",
}
QA_LABELS = {"PASSED": "Passed", "PENDING": "Pending", "FAILED": "Failed"}
SCRIPTS = (
    ("POST", "/control/reset", "", "Everything as it was at first; nobody is told."),
    (
        "POST",
        "/control/fault",
        "fault, integration_id (or none: all calls)",
        "Lets calls meet a fault.",
    ),
    (
        "POST",
        "/control/settings",
        "lag, after_setup",
        "What a finished flow in Connect leads to, and when.",
    ),
    (
        "POST",
        "/control/delivery",
        f"delivery: {', '.join(MODES)}",
        "How webhooks arrive from now on.",
    ),
    (
        "POST",
        "/control/integrations/{id}/state",
        "state",
        "Switches an integration, deletes or restores it.",
    ),
    (
        "POST",
        "/control/integrations/{id}/opt-out",
        "datapoint: out:… or in:…",
        "Keeps a model or field back.",
    ),
    ("POST", "/control/integrations/{id}/issues", f"kind: {', '.join(KINDS)}", "Raises an issue."),
    ("POST", "/control/integrations/{id}/resolve", "issue_id (or none: all)", "Resolves issues."),
    (
        "POST",
        "/control/integrations/{id}/sync",
        f"state: {', '.join(SYNC_STATES)}",
        "Ends a sync now.",
    ),
    (
        "POST",
        "/control/integrations/{id}/qa",
        f"qa_status: {', '.join(QA_STATES)}",
        "Sets the quality check.",
    ),
    ("POST", "/control/integrations/{id}/steps", "steps: on or off", "Enables setup steps."),
    ("POST", "/control/integrations/{id}/account", "email", "Who connected it."),
    ("POST", "/control/integrations/{id}/flow-failed", "", "Lets a sign-in in Connect fail."),
    ("GET", "/control/state", "", "How everything stands, as JSON."),
    ("GET", "/control/calls", "", "Calls of the API by route, as JSON."),
    ("GET", "/control/deliveries", "", "The latest webhooks, as JSON."),
)
"""Method, address, fields of the form, and what it does."""


def everything(world: World, summaries: list[Details]) -> Markup:
    """Show where webhooks go, how, and what became of the latest."""
    deliveries = world.hooks.deliveries
    names = {
        summary["id"]: f"{summary['end_user']['organization_name']} · {summary['tool']['label']}"
        for summary in summaries
    }
    mode = world.store.setting("delivery")
    url = world.hooks.url
    return render(
        "webhooks.html",
        target=markup("To <code>{}</code>", url)
        if url
        else "No address is set, so nothing is sent.",
        alarm="" if mode == "normal" else markup('<p class="alarm">Now: {}</p>', MODES[mode]),
        modes=options(MODES, mode),
        counts=_counts(deliveries),
        deliveries=joined(_delivery(delivery, names) for delivery in deliveries)
        or Markup("<li>None yet.</li>"),
        scripts=joined(_script(*script) for script in SCRIPTS),
    )


def integration(summary: Details) -> Markup:
    """Show the switches for what the details answer does not tell."""
    if summary["deleted"]:
        return render("untold_deleted.html")
    sync = summary["last_sync"]
    return render(
        "untold.html",
        path=quote(summary["id"], safe=""),
        kinds=options(KIND_LABELS, ""),
        ends=options(SYNC_LABELS, ""),
        qa=options(QA_LABELS, summary["qa_status"]),
        issues=_issues(summary),
        sync=f"{sync['state']}, {sync['ended_at'][:19].replace('T', ' ')} UTC"
        if sync
        else "None since the start",
    )


def untold(summary: Details) -> Iterator[str]:
    """Say in a few words what is wrong that the details answer does not tell."""
    if number := len(summary["issues"]):
        yield f"{number} open issue{'s' if number > 1 else ''}"
    if summary["qa_status"] != "PASSED":
        yield f"Quality check: {QA_LABELS[summary['qa_status']].lower()}"


def _counts(deliveries: list[Delivery]) -> str:
    counts = Counter(delivery.outcome for delivery in deliveries)
    return (
        ", ".join(
            f"{counts[name]} {label}" for name, (_, label) in OUTCOMES.items() if counts[name]
        )
        or "none yet"
    )


def _delivery(delivery: Delivery, names: dict[str, str]) -> Markup:
    severity, label = OUTCOMES[delivery.outcome]
    tries = f", {delivery.attempts} attempts" if delivery.attempts > 1 else ""
    answer = "" if not delivery.attempts else f"{delivery.status or 'no answer'}{tries}"
    return render(
        "delivery.html",
        time=timestamp(delivery.at)[11:19],
        type=delivery.type,
        more=urlencode({"id": delivery.integration_id}),
        name=names.get(delivery.integration_id, delivery.integration_id),
        severity=severity,
        outcome=label,
        answer=answer,
    )


def _issues(summary: Details) -> Markup:
    if not summary["issues"]:
        return Markup()
    return render(
        "issues.html",
        path=quote(summary["id"], safe=""),
        items=joined(_issue(issue) for issue in summary["issues"]),
    )


def _issue(issue: dict[str, Any]) -> Markup:
    kind = KINDS[issue["kind"]]
    return markup(
        '<li><span>{}</span><span class="raw">{} · {} UTC</span>'
        '<button class="button small" name="issue_id" value="{}">Resolve<span class="sr"> '
        "{}</span></button></li>",
        kind.title,
        kind.type,
        issue["first_observed_at"][:19].replace("T", " "),
        issue["id"],
        KIND_LABELS[issue["kind"]],
    )


def _script(method: str, address: str, fields: str, does: str) -> Markup:
    return markup(
        "<div><dt><code>{} {}</code></dt><dd>{}{}</dd></div>",
        method,
        address,
        does,
        markup(" <code>{}</code>", fields) if fields else "",
    )
