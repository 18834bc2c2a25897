"""Kombo Connect: the dialog in which a customer signs in again, or finishes the setup.

It talks to the page that frames it as Kombo's does: `{type: "success", data: {activation_token}}`
when it is done, `{type: "close"}` when it is cancelled. pages/connect.js sends what this module
writes. A password that the tool refuses is told by a webhook, and the flow goes on.
"""

import json
from functools import cache
from typing import Any

from integrations.simulator.states import Details, asset_urls
from integrations.simulator.web import (
    PAGES,
    Markup,
    Request,
    Response,
    joined,
    markup,
    page,
    render,
)
from integrations.simulator.world import World

KINDS = {"/connect/v1": ("relink", "create"), "/connect/v1/setup": ("setup",)}
MOST_OPTIONAL = 8
# Shown first: what people care most about keeping to themselves.
NOTABLE = (
    "date_of_birth",
    "home_address",
    "bank_accounts",
    "ssn",
    "tax_id",
    "gender",
    "nationality",
    "ethnicity",
    "marital_status",
    "personal_email",
    "mobile_phone_number",
    "phone_numbers",
    "email_addresses",
    "pay_rate",
    "salary_amount",
    "employee_note",
    "comment",
    "avatar",
    "location",
    "social_media",
)

type Words = dict[str, str]


def answer(world: World, request: Request) -> Response:
    """Show the dialog of the link, or act on what was entered in it."""
    posted = request.method == "POST"
    token = request.field("token") if posted else request.arg("token")
    link = world.link(token)
    details = world.details_of(link) if link else None
    if link is None or details is None or link["kind"] not in KINDS[request.path]:
        return _notice(words("en"), "expired", status=410)
    texts = words(link["language"])
    if not posted:
        return _dialog(texts, token, link, details, request)
    if request.field("do") == "cancel":
        return _notice(texts, "cancelled", message={"type": "close"})
    if link["kind"] != "setup" and (mistakes := _mistakes(request)):
        if "wrong" in mistakes.values():
            world.refuse(details)
        return _dialog(texts, token, link, details, request)
    return _complete(world, texts, token, details, request)


@cache
def words(language: str) -> Words:
    """Return Connect's copy in one of its five languages, with the language itself as `lang`."""
    known: dict[str, Words] = json.loads((PAGES / "words.json").read_text(encoding="utf-8"))
    return {**known[language], "lang": language}


def optional_datapoints(details: Details) -> list[tuple[str, str, bool]]:
    """List what the customer may decide on: id, label, and whether it is shared at present."""
    datapoints = []
    for model in details["read_models"]:
        if _is_optional(model):
            datapoints.append((model["id"], model["label"], not model["opted_out_by_customer"], -1))
        if not model["is_available"]:
            continue
        for field in filter(_is_optional, model["fields"]):
            label = f"{model['label']}: {_humanised(field['id'])}"
            datapoints.append(
                (
                    f"{model['id']}.{field['id']}",
                    label,
                    not field["opted_out_by_customer"],
                    _rank(field),
                )
            )
    datapoints.sort(key=lambda datapoint: datapoint[3])
    return [datapoint[:3] for datapoint in datapoints[:MOST_OPTIONAL]]


def _complete(
    world: World, texts: Words, token: str, details: Details, request: Request
) -> Response:
    offered = [datapoint for datapoint, _, _ in optional_datapoints(details)]
    activation = world.complete(token, offered=offered, shared=request.form.get("share", []))
    if activation is None:
        return _notice(texts, "expired", status=410)
    message = {"type": "success", "data": {"activation_token": activation}}
    return _notice(texts, "done", message=message, tool=details["tool"]["label"])


def _mistakes(request: Request) -> dict[str, str]:
    """Name what is wrong with the credentials, by field: `missing` or `wrong`."""
    mistakes = {
        name: "missing" for name in ("username", "password") if not request.field(name).strip()
    }
    if request.field("password") == "wrong":
        mistakes["password"] = "wrong"  # noqa: S105 - the name of a mistake
    return mistakes


def _dialog(
    texts: Words, token: str, link: dict[str, Any], details: Details, request: Request
) -> Response:
    tool = details["tool"]["label"]
    kind = link["kind"]
    mistakes = _mistakes(request) if request.method == "POST" else {}
    body = render(
        "connect.html",
        **texts,
        heading=texts[f"{kind}_title"].format(tool=tool),
        introduction=texts[f"{kind}_text"].format(tool=tool),
        icon=asset_urls(details["tool"]["id"], "")["icon_url"],
        organisation=details["end_user"]["organization_name"],
        action=request.path,
        token=token,
        always_items=_always(texts, details),
        optional_items=_optional(texts, details, request),
        steps=_credentials(texts, tool, mistakes, request)
        if kind != "setup"
        else _setup_steps(texts),
        confirm=texts["finish" if kind == "setup" else "connect"],
    )
    return page(body, 422 if mistakes else 200, private=True)


def _notice(
    texts: Words, name: str, *, status: int = 200, message: object = None, tool: str = ""
) -> Response:
    """Return the last page of the dialog, with the `message` that the page around it waits for."""
    body = render(
        "connect_notice.html",
        lang=texts["lang"],
        kind=name,
        heading=texts[f"{name}_title"].format(tool=tool),
        text=texts[f"{name}_text"],
        message=json.dumps(message) if message else "",
    )
    return page(body, status, private=True)


def _always(texts: Words, details: Details) -> Markup:
    required = [
        model["label"]
        for model in details["read_models"]
        if model["is_available"] and not _is_optional(model)
    ]
    items = joined(markup("<li>{}</li>", label) for label in required[:6])
    more = len(required) - 6
    return (
        joined([items, markup('<li class="more">{}</li>', texts["more"].format(count=more))])
        if more > 0
        else items
    )


def _optional(texts: Words, details: Details, request: Request) -> Markup:
    posted = request.form.get("share", []) if request.method == "POST" else None
    items = [
        render(
            "connect_choice.html",
            datapoint=datapoint,
            label=label,
            checked=Markup(" checked")
            if (shared if posted is None else datapoint in posted)
            else "",
        )
        for datapoint, label, shared in optional_datapoints(details)
    ]
    return render("connect_optional.html", **texts, items=joined(items)) if items else Markup()


def _credentials(texts: Words, tool: str, mistakes: dict[str, str], request: Request) -> Markup:
    inputs = [
        _input(
            texts,
            name,
            mistakes.get(name),
            request.field(name) if name == "username" else "",
            first,
        )
        for name, first in (("username", True), ("password", "username" not in mistakes))
    ]
    heading = texts["credentials"].format(tool=tool)
    return render(
        "connect_credentials.html", demo=texts["demo"], heading=heading, inputs=joined(inputs)
    )


def _input(texts: Words, name: str, mistake: str | None, value: str, first: bool) -> Markup:
    error = markup('<p class="error" id="{}-error">{}</p>', name, texts[mistake]) if mistake else ""
    state = (
        markup(' aria-invalid="true" aria-describedby="{}-error"', name) if mistake else Markup()
    )
    return render(
        "connect_input.html",
        name=name,
        label=texts[name],
        type="password" if name == "password" else "text",
        value=value,
        state=Markup(f"{state} autofocus") if mistake and first else state,
        error=error,
    )


def _setup_steps(texts: Words) -> Markup:
    return render("connect_setup.html", **texts)


def _is_optional(point: dict[str, Any]) -> bool:
    return bool(
        point["scope_config_setting"] == "OPTIONAL" and point["coverage_status"] == "SUPPORTED"
    )


def _rank(field: dict[str, Any]) -> int:
    return NOTABLE.index(field["id"]) if field["id"] in NOTABLE else len(NOTABLE)


def _humanised(field_id: str) -> str:
    return " ".join({"ssn": "SSN", "id": "ID"}.get(word, word) for word in field_id.split("_"))
