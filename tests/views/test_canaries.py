"""Secrets, keys and persons are seen where they belong, and nowhere else."""

import json
import smtplib
from io import BytesIO
from typing import Any
from zipfile import ZipFile

import pytest
from django.apps import apps
from django.contrib.auth.models import User
from django.core import mail as outbox
from django.db import IntegrityError, connection
from django.test import Client
from django.urls import reverse

from integrations import worker
from integrations.access import embed_sessions, hand_off_tokens, permissions
from integrations.kombo import webhooks
from integrations.kombo.schema import EndUser, Link
from integrations.mail import delivery
from integrations.models import HandOff, Integration, RateLimit, Tenant
from integrations.simulator.app import Simulator
from integrations.tenants import export
from integrations.upstream import connect_links, gateway
from tests.conftest import Connect, acting
from tests.dumping import dump
from tests.embed import KID, ORIGINS, Frame, exchange, signed
from tests.mail.mailing import Server
from tests.views import canaries
from tests.views.browsing import HTMX, acts, make_stale, read, url_of, visits
from tests.views.canaries import (
    ADDRESS,
    BELONGS,
    DEBUG,
    DUMP,
    ERROR,
    EXPORT,
    MAIL,
    METRICS,
    NAME,
    PAGE,
    PASSWORD,
    REPR,
    SETTINGS,
    Aviary,
)
from tests.views.connect_flow import finish, link_in
from tests.webhook_payloads import encoded, event

FAULTS = ("server_error", "key_revoked", "html", "wrong_shape", "reset", "foreign_link")


@pytest.fixture
def aviary(settings: Any, kombo: Simulator, monkeypatch: pytest.MonkeyPatch) -> Aviary:
    """Every secret of the settings is one that is looked for."""
    settings.SECRET_KEY = SETTINGS["SECRET_KEY"]
    environment = settings.KOMBO_ENVIRONMENTS["production"]
    environment["WEBHOOK_SECRETS"] = [SETTINGS["webhook secret"]]
    settings.EMBED_ORIGINS = ORIGINS
    settings.EMBED_SECRETS = {KID: SETTINGS["embed secret"]}
    settings.MAILERS = {
        "default": {
            "BACKEND": "django.core.mail.backends.locmem.EmailBackend",
            "OPTIONS": {},
        }
    }
    monkeypatch.setitem(connection.settings_dict, "PASSWORD", SETTINGS["database password"])
    return Aviary()


@pytest.fixture
def canaria(acme: Tenant) -> User:
    first, last = NAME.split()
    user = User.objects.create_user(
        "canaria", ADDRESS, PASSWORD["password"], first_name=first, last_name=last
    )
    acme.memberships.create(user=user, role="member")
    return user


@pytest.fixture
def made(acme: Tenant, connect: Connect) -> Integration:
    return connect(acme, state="invalid", creator_email=ADDRESS)


def walk(aviary: Aviary, canaria: User, made: Integration, kombo: Simulator) -> None:
    """Do what people do, and have Kombo fail in between."""
    client = Client()
    form = {"username": "canaria", "password": PASSWORD["password"]}
    aviary.answer(PAGE, client.post(reverse("login"), {**form, "password": ADDRESS}))
    aviary.answer(PAGE, client.post(reverse("login"), form))
    client.force_login(canaria)
    clicked = client.post(url_of("reconnect", made))
    link = link_in(clicked)
    aviary.values["Kombo Connect link"] = link.partition("token=")[2]
    token = aviary.values["activation token"] = finish(kombo, link)
    aviary.answer(PAGE, client.post(url_of("completed", made), {"token": token}, headers=HTMX))
    for fault in ("none", *FAULTS):
        kombo.set_fault(fault)
        RateLimit.objects.all().delete()
        make_stale(made)
        for _name, response in visits(client, made):
            aviary.answer(PAGE, response)
        # One of these answers has the link of its click, which is another one each time.
        for _name, response in acts(client, made):
            aviary.answer(PAGE, response)
    kombo.set_fault("none")
    aviary.answer(PAGE, Client().get(f"/{ADDRESS}/"))
    aviary.answer(PAGE, Client().post(reverse("password_reset"), {"email": ADDRESS}))


def embed(aviary: Aviary, made: Integration) -> None:
    """Go through a frame, and out of it."""
    head = json.dumps({"alg": "HS256", "typ": "JWT", "kid": KID}).encode()
    token = embed_sessions.mint("acme")
    aviary.values["embed token"] = token
    answer = aviary.answer(PAGE, exchange(Client(), token))
    key = aviary.values["session key"] = answer.json()["key"]
    aviary.answer(PAGE, exchange(Client(), token))
    aviary.answer(PAGE, exchange(Client(), signed(head, b"{}", secret="wrong" * 10)))
    frame = Frame(Client(), key, made.tenant.public_id, "", "")
    aviary.answer(PAGE, frame.get(frame.on("tenant")))
    left = aviary.answer(PAGE, frame.post(frame.on("reconnect", made.public_id)))
    handle = read(left).one("section")["data-leave"].split("/")[2]
    aviary.values["repair handle"] = handle
    for method in ("GET", "HEAD", "PUT", "POST"):
        aviary.answer(PAGE, Client().generic(method, f"/go/{handle}/"))


def hand_off(aviary: Aviary, canaria: User, made: Integration, server: Server) -> None:
    """Send a guest link, and what else is due, which its server refuses."""
    client = Client()
    client.force_login(canaria)
    form = {"do": "make", "days": "7", "send_to": ADDRESS}
    aviary.answer(PAGE, client.post(url_of("hand_off_offer", made), form))
    sent = HandOff.objects.get()
    aviary.values["guest link token"] = hand_off_tokens.sign(sent.public_id)
    way = reverse("hand_off", args=[aviary.values["guest link token"]])
    for method in ("GET", "PUT", "POST"):
        aviary.answer(PAGE, Client().generic(method, way))
    mails = worker.Task("mails", delivery.send_due, 1.0)
    worker._run_task(mails)
    for task in worker.TASKS:
        worker._run_task(task)
    server.sending = smtplib.SMTPRecipientsRefused({ADDRESS: (450, b"later")})
    worker._run_task(mails)


def hear(aviary: Aviary, made: Integration) -> None:
    """Take webhooks, signed and not."""
    body = encoded(event("integration-created", end_user__creator_email=ADDRESS))
    signature = webhooks.sign(body, SETTINGS["webhook secret"])
    for sent in (body, body + b"x", b"{}"):
        for given in (signature, signature[::-1], webhooks.sign(sent, SETTINGS["webhook secret"])):
            client = Client()
            aviary.answer(
                PAGE,
                client.post(
                    reverse("webhooks", args=["production"]),
                    sent,
                    content_type="application/json",
                    headers={"X-Kombo-Signature": given},
                ),
            )


def fail(
    aviary: Aviary, canaria: User, made: Integration, settings: Any, patch: pytest.MonkeyPatch
) -> None:
    """Have a bug, and a database that quotes a row, where everything is at hand."""
    client = Client(raise_request_exception=False)
    client.force_login(canaria)

    def bug(*_args: object, **_more: object) -> Any:
        at_hand = dict(aviary.values)
        raise RuntimeError(f"a bug with {len(at_hand)} at hand") from KeyError(ADDRESS)

    def quoting(*_args: object, **_more: object) -> Any:
        raise IntegrityError(f"DETAIL: Key (email)=({ADDRESS}, {NAME}) already exists.")

    for is_debug, surface in ((False, ERROR), (True, DEBUG)):
        settings.DEBUG = is_debug
        for broken in (bug, quoting):
            with patch.context() as within:
                within.setattr(permissions, "rows", broken)
                path = reverse("tenant", args=[made.tenant.public_id])
                key = {"Authorization": f"Bearer {aviary.values['session key']}"}
                answer = client.get(path, {"typed": ADDRESS}, headers=key)
                assert answer.status_code == 500
                aviary.answer(surface, answer)
    settings.DEBUG = False


def export_all(aviary: Aviary, made: Integration, canaria: User) -> None:
    file = BytesIO()
    export.write([made.tenant], file, acting(canaria))
    with ZipFile(file) as archive:
        aviary.show(EXPORT, *(archive.read(name).decode() for name in archive.namelist()))


def represent(aviary: Aviary, made: Integration) -> None:
    """Have the repr of what holds any of it: of all rows, and of what Kombo and we answer."""
    for model in apps.get_models():
        rows = list(model._default_manager.all())
        aviary.show(REPR, rows, *(str(row) for row in rows))
    values = aviary.values
    link = f"https://connect.kombo.dev/?token={values['Kombo Connect link']}"
    guest = embed_sessions.guest_of(values["session key"])
    assert guest
    aviary.show(
        REPR,
        *map(
            repr,
            (
                gateway.client("production"),
                embed_sessions.Admission(values["session key"], guest, 1),
                connect_links.ConnectLink(link, "https://connect.kombo.dev"),
                Link(link=link),
                EndUser(organization_name="Acme", creator_email=ADDRESS),
                guest,
            ),
        ),
    )


@pytest.mark.exhaustive
def test_each_is_seen_where_it_belongs_and_nowhere_else(
    aviary: Aviary,
    canaria: User,
    made: Integration,
    connect: Connect,
    kombo: Simulator,
    settings: Any,
    monkeypatch: pytest.MonkeyPatch,
    subtests: pytest.Subtests,
) -> None:
    server = Server()
    monkeypatch.setattr("integrations.mail.delivery.mailers", server)
    with canaries.listening(aviary):
        walk(aviary, canaria, made, kombo)
        embed(aviary, made)
        hand_off(aviary, canaria, connect(made.tenant, state="invalid"), server)
        hear(aviary, made)
        fail(aviary, canaria, made, settings, monkeypatch)
    for message in (*outbox.outbox, *server.taken):
        aviary.show(MAIL, message.message().as_string(), *message.to, message.body)
    aviary.show(DUMP, *dump())
    export_all(aviary, made, canaria)
    represent(aviary, made)
    aviary.answer(METRICS, Client().get("/metrics"))
    seen = list(aviary.sightings())
    for canary, surface, was_seen in seen:
        if surface not in BELONGS.get(canary, ()):
            with subtests.test(canary=canary, surface=surface):
                assert not was_seen
    # The walk went past each of them: one that is never seen where it belongs proves nothing.
    found = {canary for canary, _surface, was_seen in seen if was_seen}
    assert set(BELONGS) <= found
    assert [surface for surface in canaries.SURFACES if not aviary.shown[surface]] == []
