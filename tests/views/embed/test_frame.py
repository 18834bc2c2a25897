"""Inside a frame of the host's page: the shell, what a session shows, and that no cookie is needed
or heeded.
"""

import json
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as site
from django.test import Client

from integrations.access import embed_sessions, rate_limits
from integrations.models import (
    EmbedSession,
    Integration,
    RepairHandle,
    Snapshot,
    SpentToken,
    Tenant,
)
from integrations.simulator.app import Simulator
from tests import copy
from tests.conftest import Connect
from tests.embed import ORIGINS, Frame, bearer, enter, exchange, token, turn_on, url
from tests.views.browsing import HTMX, Element, make_stale, policy_of, read
from tests.views.conftest import Browser

VIEWS = ("list", "integration", "banner", "badge", "none", "", "no such view")
OF_TENANT = ("tenant", "banner", "badge")
OF_ONE = ("integration", "card", "coverage_fields", "coverage_csv", "history", "statement")
ACTS = ("check", "reconnect", "set_up")


@pytest.fixture
def theirs(settings: Any, acme: Tenant, connect: Connect) -> Integration:
    """Acme's integration, which waits for a reconnection; acme has another, and bolt has one of its
    own.
    """
    turn_on(settings)
    connect(acme, tool_id="hibob")
    connect(Tenant.objects.create(name="Bolt & Sons", origin_id="bolt"), tool_id="workday")
    return connect(acme, state="invalid", coverage="everything")


@pytest.fixture
def frame(theirs: Integration) -> Frame:
    return enter()


def group_of(frame: Frame, integration: Integration) -> dict[str, str]:
    page = read(frame.get(frame.on("integration", integration.public_id), {"open": "all"}))
    return {"group": page.all("details", "data-datapoint")[0]["id"]}


def every_address(frame: Frame, *integrations: Integration) -> list[str]:
    inner = [frame.on(name, one.public_id) for one in integrations for name in (*OF_ONE, *ACTS)]
    return [
        "/embed/",
        "/embed/session",
        "/embed/nowhere/",
        *(frame.on(name) for name in OF_TENANT),
        *inner,
    ]


def tree(content: str) -> Element:
    return read(type("Result", (), {"content": content.encode()}))


# --- The shell and the loader


def test_only_the_hosts_origins_may_frame_the_shell(client: Client, theirs: Integration) -> None:
    response = client.get("/embed/")
    assert response.status_code == 200
    assert policy_of(response)["frame-ancestors"] == " ".join(ORIGINS)
    # Browsers heed the policy instead, if there is one.
    assert response["X-Frame-Options"] == "DENY"
    assert policy_of(response) | {"frame-ancestors": ""} == {
        name: " ".join(values) for name, values in site.SECURE_CSP.items()
    } | {"frame-ancestors": ""}
    assert response["Cache-Control"] == "public, max-age=300"
    assert "Cookie" not in response["Vary"]
    assert read(response).one("body")["data-origins"] == " ".join(ORIGINS)


def test_the_shell_is_the_same_for_everybody_and_holds_nothing(
    browser: Browser, frame: Frame
) -> None:
    answers = [browser(name).get("/embed/") for name in ("nobody", "alice", "root")]
    answers += [
        frame.get("/embed/"),
        frame.client.get("/embed/", headers={"Cookie": "django_language=de"}),
    ]
    assert len({answer.content for answer in answers}) == 1
    assert len({str(answer.headers) for answer in answers}) == 1
    shell = answers[0].content.decode()
    assert not [
        secret for secret in ("Acme", frame.tenant, "csrf", "Personio", "nonce") if secret in shell
    ]
    assert read(answers[0]).one("main").text == ""


def test_the_host_chooses_the_language_of_the_shell(
    client: Client, theirs: Integration, subtests: pytest.Subtests
) -> None:
    for asked, spoken in [
        *((code, code) for code, _name in site.LANGUAGES),
        ("xx", "fr"),
        ("", "fr"),
        ("de-DE", "de"),
        ("<b>", "fr"),
    ]:
        with subtests.test(asked=asked, spoken=spoken):
            page = read(client.get("/embed/", {"lang": asked}, headers={"Accept-Language": "fr"}))
            assert page.one("html")["lang"] == spoken


def test_the_shell_is_dark_where_the_host_is(
    client: Client, theirs: Integration, subtests: pytest.Subtests
) -> None:
    for asked, worn in [("dark", "dark"), ("light", "light"), ("light dark", ""), ("<b>", "")]:
        with subtests.test(asked=asked, worn=worn):
            page = read(client.get("/embed/", {"theme": asked}))
            assert page.one("html")["data-theme"] == worn
            assert page.one("meta", "name", "color-scheme")["content"] == (worn or "light dark")


def test_without_its_settings_embedding_is_off_and_says_so(
    client: Client, frame: Frame, settings: Any
) -> None:
    settings.EMBED_ORIGINS, settings.EMBED_SECRETS = [], {}
    shell = client.get("/embed/")
    assert shell.status_code == 404
    assert copy.EMBEDDING_IS_TURNED_OFF in shell.content.decode()
    assert (policy_of(shell)["frame-ancestors"], shell["X-Frame-Options"]) == ("'none'", "DENY")
    answer = exchange(client, token())
    assert (answer.status_code, answer.json()["error"]) == (404, "embedding_off")
    assert frame.get(frame.on("tenant")).status_code == 401


def test_any_page_may_load_the_loader_under_its_stable_name(client: Client) -> None:
    response = client.get("/embed.js", headers={"Origin": "https://anywhere.example"})
    assert (
        response.content
        == (Path(site.BASE_DIR) / "static" / "js" / "embed" / "loader.js").read_bytes()
    )
    assert (response["Access-Control-Allow-Origin"], response["Cross-Origin-Resource-Policy"]) == (
        "*",
        "cross-origin",
    )
    assert response["Cache-Control"] == "public, max-age=300"
    assert response["Content-Type"] == "text/javascript; charset=utf-8"
    assert not response.cookies


def test_any_page_may_load_the_loader_and_no_other_file(client: Client, db: None) -> None:
    for name, allowed in (
        ("embed/loader", True),
        ("embed/embed_frame", False),
        ("embed/host_channel", False),
        ("dashboard", False),
    ):
        response = client.get(f"/static/js/{name}.js")
        assert response.status_code == 200
        assert (response.get("Access-Control-Allow-Origin") == "*") == allowed, name
        assert (response.get("Cross-Origin-Resource-Policy") == "cross-origin") == allowed, name
        response.close()
        headers: dict[str, str] = {}
        site.WHITENOISE_ADD_HEADERS_FUNCTION(
            headers, f"/srv/js/{name}.0a1b2c3d4e5f.js", f"/static/js/{name}.0a1b.js"
        )
        assert bool(headers) == allowed, name


# --- What a session shows first


def test_the_list_shows_every_card_of_the_tenant_and_no_other(theirs: Integration) -> None:
    acmes = set(theirs.tenant.integrations.values_list("public_id", flat=True))
    for view in ("list", "", "no such view"):
        content = tree(enter(view=view).content)
        assert {card["data-integration"] for card in content.all("article")} == acmes
        assert not content.all("html") + content.all("input", "name", "csrfmiddlewaretoken")


def test_an_integration_is_named_by_kombos_id_or_by_ours(theirs: Integration) -> None:
    for name in (theirs.integration_id, theirs.public_id):
        content = tree(enter(view="integration", integration=name).content)
        assert [card["data-integration"] for card in content.all("article")] == [theirs.public_id]


def test_what_is_not_the_tenants_is_not_there(client: Client, theirs: Integration) -> None:
    other = Integration.objects.get(tenant__origin_id="bolt")
    for name in (other.integration_id, other.public_id, "nothing", "", "x" * 5000):
        response = exchange(client, token(), view="integration", integration=name)
        assert (response.status_code, response.json()["error"]) == (404, "unknown_integration"), (
            name
        )
        assert "key" not in response.json()
    once = token()  # which nothing has been given for yet, is not spent
    assert exchange(client, once, view="integration", integration="nothing").status_code == 404
    assert exchange(client, once).status_code == 200


def test_a_banner_a_badge_or_nothing(theirs: Integration) -> None:
    assert (
        copy.TOOL_NEEDS_TO_BE_RECONNECTED(tool="Personio")
        in tree(enter(view="banner").content).one("", "id", "banner").text
    )
    badge = tree(enter(view="badge").content).one("", "id", "banner")
    assert badge.text == "Personio: Reconnect required"
    assert (badge["data-worst"], badge["data-acts"], badge["data-total"]) == (
        "action_required",
        "1",
        "2",
    )
    assert enter(view="none").content == ""
    Integration.objects.filter(tenant=theirs.tenant).delete()
    assert tree(enter(view="badge").content).text == copy.NOTHING_IS_CONNECTED_YET


@pytest.mark.exhaustive(keep=3)
@pytest.mark.parametrize("view", VIEWS)
def test_no_kombo_id_stands_and_no_link_leads_out_of_the_frame(
    theirs: Integration, view: str
) -> None:
    content = enter(view=view, integration=theirs.integration_id).content
    for made in Integration.objects.all():
        assert made.integration_id not in content
        assert made.integration_id.partition(":")[2] not in content
    links = [
        one[name]
        for name in ("href", "action", "hx-get", "hx-post")
        for one in tree(content).all("", name)
    ]
    assert [link for link in links if not link.startswith(("/embed/t/", "#", "?"))] == []


# --- No cookies


def test_no_answer_sets_a_cookie_tells_the_key_or_is_framed(
    frame: Frame, theirs: Integration
) -> None:
    assert frame.key not in frame.content
    for number, address in enumerate(every_address(frame, theirs)):
        for method in ("GET", "POST", *(("HEAD", "OPTIONS") if number < 6 else ())):
            for response in (frame.do(method, address), frame.client.generic(method, address)):
                assert not response.cookies, address
                assert "Cookie" not in response.get("Vary", ""), address
                assert response.status_code < 500, address
                assert frame.key not in f"{response.content.decode()}{response.headers}"
                if number:
                    assert response["X-Frame-Options"] == "DENY", address
                    assert policy_of(response)["frame-ancestors"] == "'none'", address
    kept = [*EmbedSession.objects.values(), *SpentToken.objects.values()]
    assert json.dumps(kept, default=str).count(frame.key) == 0


def test_a_cookie_opens_nothing(
    browser: Browser, frame: Frame, theirs: Integration, subtests: pytest.Subtests
) -> None:
    for person in ["alice", "mia", "root"]:
        with subtests.test(person=person):
            signed_in = browser(person)
            for address in every_address(frame, theirs)[3:]:
                for method in ("GET", "POST"):
                    response = signed_in.generic(method, address)
                    assert (response.status_code, response.content) == (401, b""), address
            assert (
                signed_in.get("/account/login/").status_code == 302
            )  # it would have counted elsewhere


def test_a_cookie_changes_nothing(frame: Frame, subtests: pytest.Subtests) -> None:
    for cookie in ["django_language=de", 'x="\\000"', "sessionid=x; csrftoken=y"]:
        with subtests.test(cookie=cookie):
            for address in ("/embed/", frame.on("banner")):
                with_it, without = frame.get(address, Cookie=cookie), frame.get(address)
                assert (with_it.status_code, with_it.content) == (200, without.content)
            german = frame.get(frame.on("tenant"), **{"Accept-Language": "de"})
            assert german["Content-Language"] == "de"


# --- What the key opens


def test_every_fragment_needs_the_key(frame: Frame, theirs: Integration) -> None:
    addresses = {name: frame.on(name) for name in OF_TENANT}
    addresses |= {name: frame.on(name, theirs.public_id) for name in OF_ONE}
    group = group_of(frame, theirs)
    for name, address in addresses.items():
        query = group if name == "coverage_fields" else {}
        response = frame.get(address, query)
        assert response.status_code == 200, name
        assert "Authorization" in response["Vary"], name
        assert "no-store" in response["Cache-Control"], name
        assert b"<html" not in response.content, name
        for headers in ({}, HTMX, bearer("x"), bearer(frame.key[:-1])):
            refused = frame.client.get(address, query, headers=headers)
            assert (refused.status_code, refused.content) == (401, b""), name


def test_a_key_opens_one_tenant(frame: Frame, theirs: Integration) -> None:
    other = enter(sub="bolt")
    found = Integration.objects.get(tenant__origin_id="bolt")
    for name in (*OF_ONE, *ACTS):
        for address in (
            frame.on(name, found.public_id),
            other.on(name, found.public_id),
            other.on(name, "nothing"),
        ):
            response = frame.do("POST" if name in ACTS else "GET", address)
            assert response.status_code == 404, address
            assert "Bolt" not in response.content.decode()
    assert [frame.get(other.on(name)).status_code for name in OF_TENANT] == [404] * 3
    assert not RepairHandle.objects.exists()


def test_a_revoked_key_opens_nothing_any_more(frame: Frame, theirs: Integration) -> None:
    assert frame.get(frame.on("tenant")).status_code == 200
    embed_sessions.revoke(theirs.tenant)
    assert frame.get(frame.on("tenant")).status_code == 401


def test_whoever_may_only_look_reads_words_instead_of_a_button(theirs: Integration) -> None:
    frame = enter(scope=["view"])
    card = tree(frame.content).one("article", "data-integration", theirs.public_id)
    assert copy.YOU_HAVE_VIEW_ONLY_ACCESS in card.text
    assert [form["class"] for form in card.all("form")] == ["check"]
    for name in ("reconnect", "set_up"):
        assert frame.post(frame.on(name, theirs.public_id)).status_code == 404
    assert not RepairHandle.objects.exists()
    assert frame.post(frame.on("check", theirs.public_id), **HTMX).status_code == 200


def test_check_now_asks_kombo_and_not_too_often(
    frame: Frame, theirs: Integration, kombo: Simulator
) -> None:
    kombo.set_state(theirs.integration_id, "connected")
    assert (
        read(frame.post(frame.on("check", theirs.public_id), **HTMX)).one("article")[
            "data-headline"
        ]
        == "connected"
    )
    answers = [frame.post(frame.on("check", theirs.public_id), **HTMX) for _ in range(6)]
    assert [one.status_code for one in answers] == [200] * 5 + [429]
    assert int(answers[-1]["Retry-After"]) > 0


def test_a_way_out_is_not_asked_for_too_often(frame: Frame, theirs: Integration) -> None:
    answers = [frame.post(frame.on("reconnect", theirs.public_id)).status_code for _ in range(11)]
    assert answers == [200] * 10 + [429]


def test_a_host_asks_for_so_many_sessions_a_minute(
    client: Client, theirs: Integration, settings: Any
) -> None:
    assert exchange(client, "bad").status_code == 401
    assert {rate_limits.EXCHANGE.spend("127.0.0.1") for _ in range(298)} == {0}
    assert [exchange(client, "bad").status_code for _ in range(2)] == [401, 429]
    assert (
        client.post("/embed/session", headers=bearer(token()), REMOTE_ADDR="192.0.2.9").status_code
        == 200
    )


def test_no_click_in_the_frame_does_more_at_kombo_than_read(
    frame: Frame, theirs: Integration, kombo: Simulator
) -> None:
    before = kombo.calls
    for address in every_address(frame, theirs):
        for method in ("GET", "POST"):
            for headers in ({}, HTMX):
                Snapshot.objects.update(lease_until=None)
                make_stale(theirs)
                frame.do(method, address, **headers)
    assert RepairHandle.objects.count() == 4
    assert {method for method, _path in kombo.calls - before} == {"GET"}


def test_the_shell_alone_stands_at_the_top() -> None:
    assert url("embed") == "/embed/"
