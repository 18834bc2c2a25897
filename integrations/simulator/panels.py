"""What the page of switches shows: the list of integrations, one integration, the faults."""

from collections.abc import Iterable
from typing import Any
from urllib.parse import quote, urlencode

from integrations.simulator import panels_webhooks
from integrations.simulator.faults import FAULTS
from integrations.simulator.states import Details, asset_urls, state_of
from integrations.simulator.web import Markup, Request, joined, markup, options, render
from integrations.simulator.world import World

STATE_LABELS = {
    "connected": ("ok", "Connected"),
    "invalid": ("action_required", "Sign-in rejected"),
    "inactive": ("attention", "Paused"),
    "setup_incomplete": ("action_required", "Setup not finished"),
    "final_sync_pending": ("working", "First sync running"),
    "data_expired": ("working", "Data expired"),
    "unknown_status": ("attention", "Unknown status"),
    "deleted": ("attention", "Deleted (404)"),
    "restore": ("off", "As it was at first"),
    "mixed": ("off", "A mixture"),
}
DONE = {
    "fault": "The fault for all calls was changed.",
    "settings": "The settings were changed.",
    "delivery": "How webhooks arrive was changed.",
    "reset": "Everything is as it was at first.",
}


def everything(world: World, request: Request) -> Markup:
    """Show the list of integrations with the panel of faults and settings."""
    wanted = request.arg("q").strip()
    changed = request.arg("changed")
    summaries = world.overview()
    matches = [summary for summary in summaries if wanted.casefold() in _searchable(summary)]
    rows = joined(_row(world, summary, wanted, changed) for summary in matches)
    return render(
        "control.html",
        message=_message(summaries, changed),
        count=f"{len(matches)} of {len(summaries)}" if wanted else len(summaries),
        q=wanted,
        rows=rows
        or Markup('<tr role="row"><td role="cell" class="empty">Nothing matches.</td></tr>'),
        faults=_fault_options(world.store.fault_for(None)),
        alarm=_alarm(world.store.fault_for(None)),
        lag=world.store.setting("lag"),
        after_setup=options(
            {"FINAL_SYNC_PENDING": "First sync running", "COMPLETED": "Connected"},
            world.store.setting("after_setup"),
        ),
        calls=_calls(world),
        webhooks=panels_webhooks.everything(world, summaries),
    )


def integration(world: World, integration_id: str) -> Markup | None:
    """Show one integration: its state, its own fault, its issues, and every datapoint a customer
    may opt out of.
    """
    details = world.details(integration_id, even_deleted=True)
    if details is None:
        return None
    summary = next(summary for summary in world.overview() if summary["id"] == integration_id)
    return render(
        "integration.html",
        **_common(summary),
        origin=details["end_user"]["origin_id"] or "none",
        faults=_fault_options(world.store.setting("faults").get(integration_id, "none")),
        created=details["created_at"][:10],
        email=details["end_user"]["creator_email"] or "none",
        untold=panels_webhooks.integration(summary),
        models=joined(_model(number, model) for number, model in enumerate(details["read_models"])),
    )


def missing() -> Markup:
    """Say that there is no such integration."""
    return render("missing.html")


def state_name(summary: Details) -> str:
    """Name the switch an integration stands on."""
    return "deleted" if summary["deleted"] else state_of(summary)


def _row(world: World, summary: Details, wanted: str, changed: str) -> Markup:
    own_fault = world.store.setting("faults").get(summary["id"])
    return render(
        "control_row.html",
        **_common(summary),
        q=wanted,
        row=Markup('id="changed" data-changed') if summary["id"] == changed else "",
        more=urlencode({"id": summary["id"]}),
        fault=markup('<p class="fault">Fault: {}</p>', FAULTS[own_fault][0]) if own_fault else "",
        untold=joined(
            markup('<p class="fault">{}</p>', text) for text in panels_webhooks.untold(summary)
        ),
    )


def _common(summary: Details) -> dict[str, object]:
    severity, label = STATE_LABELS[state_name(summary)]
    raw = " · ".join(str(summary[key]) for key in ("status", "setup_status"))
    switches = {key: text for key, (_, text) in STATE_LABELS.items() if key != "mixed"}
    return {
        "id": summary["id"],
        "path": quote(summary["id"], safe=""),
        "organisation": summary["end_user"]["organization_name"],
        "tool": summary["tool"]["label"],
        "icon": asset_urls(summary["tool"]["id"], "")["icon_url"],
        "category": summary["category"],
        "severity": severity,
        "state": label,
        "raw": raw,
        "states": options(switches, state_name(summary)),
    }


def _model(number: int, model: dict[str, Any]) -> Markup:
    points = [(model["id"], "All of it", model)]
    points += [(f"{model['id']}.{field['id']}", field["id"], field) for field in model["fields"]]
    available = sum(field["is_available"] for field in model["fields"])
    return render(
        "model.html",
        number=number,
        label=model["label"],
        count=f"{available} of {len(model['fields'])}"
        if model["is_available"]
        else "not available",
        points=joined(_point(*point) for point in points),
    )


def _point(datapoint: str, name: str, point: dict[str, Any]) -> Markup:
    opted_out = point["opted_out_by_customer"]
    open_to_choice = (
        point["coverage_status"] == "SUPPORTED" and point["scope_config_setting"] != "DISABLED"
    )
    verb, text = ("in", "Opt back in") if opted_out else ("out", "Opt out")
    button = markup(
        '<button class="button small" name="datapoint" value="{}:{}">{}<span class="sr"> '
        "{}</span></button>",
        verb,
        datapoint,
        text,
        name,
    )
    return markup(
        '<li><span>{}</span><span class="raw">{}{}{}</span>{}</li>',
        name,
        "" if point["is_available"] else "not available · ",
        f"{point['coverage_status']} · {point['scope_config_setting']}",
        " · opted out" if opted_out else "",
        button if open_to_choice else "",
    )


def _searchable(summary: Details) -> str:
    end_user = summary["end_user"]
    words: Iterable[object] = (
        end_user["organization_name"],
        end_user["origin_id"],
        summary["tool"]["label"],
        summary["category"],
        summary["id"],
        STATE_LABELS[state_name(summary)][1],
    )
    return " ".join(map(str, words)).casefold()


def _message(summaries: list[Details], changed: str) -> Markup:
    text = DONE.get(changed)
    for summary in summaries:
        if summary["id"] == changed:
            name = f"{summary['end_user']['organization_name']} · {summary['tool']['label']}"
            text = f"{name}: {STATE_LABELS[state_name(summary)][1]}."
    return markup('<p class="message" role="status">{}</p>', text) if text else Markup()


def _alarm(fault: str) -> Markup:
    return Markup() if fault == "none" else markup('<p class="alarm">Now: {}</p>', FAULTS[fault][0])


def _fault_options(chosen: str) -> Markup:
    return options({name: label for name, (label, _) in FAULTS.items()}, chosen)


def _calls(world: World) -> Markup:
    calls = sorted(world.calls.items())
    items = joined(
        markup("<li><code>{} {}</code> <span>{}</span></li>", *call, number)
        for call, number in calls
    )
    return items or Markup("<li>None yet.</li>")
