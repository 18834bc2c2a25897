"""The three ways into Kombo Connect and back: as a member, out of a frame, and by a link."""

import re
from abc import ABC, abstractmethod
from html import unescape
from typing import Any
from urllib.parse import parse_qs, urlsplit

from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from integrations.access import hand_offs
from integrations.access.audit import COMMAND
from integrations.models import HandOff, Integration, RepairAct, Tenant
from integrations.simulator.app import Simulator
from integrations.tenants import attempts
from tests.embed import enter
from tests.views.browsing import HTMX, read, url_of
from tests.views.hand_off_pages import path_of
from tests.views.to_connect import offered

EMAIL = "tom@acme.example"
TOOL = ("hris", "workday")
EXPIRED = 404


class Way(ABC):
    """Somebody with a browser who goes through Kombo Connect for a tenant."""

    def __init__(self, kombo: Simulator) -> None:
        self.kombo = kombo
        self.client = Client()
        self.token = ""  # of Kombo's link, as it came to the browser
        self.attempt = ""
        self.activation = ""  # what Kombo Connect gave to the browser

    def press(self) -> Any:
        """Set out to connect; the browser keeps the link, if there is one in the answer."""
        response = self._press()
        text = response.content.decode()
        if url := re.search(r'<iframe src="([^"]*)"', text):
            self.token = parse_qs(urlsplit(unescape(url[1])).query)["token"][0]
            named = re.search(r'data-attempt="([^"]*)"', text)
            self.attempt = named[1] if named else ""
        return response

    def go_through(self) -> None:
        """Connect the tool in Kombo Connect."""
        assert self.token
        self.activation = self.kombo.world.complete(self.token, offered=[], shared=[]) or ""
        assert self.activation

    def report(self) -> Any:
        """Tell us of the end, as the page's script does; again after it went wrong."""
        assert self.activation
        return self._report({"token": self.activation, "attempt": self.attempt})

    def close(self) -> Any:
        """Close Kombo Connect before its end, which the page's script tells."""
        return self._report({"end": "left", "token": "", "attempt": self.attempt})

    def connect(self) -> Any:
        """All of it."""
        self.press()
        self.go_through()
        return self.report()

    @abstractmethod
    def _press(self) -> Any: ...

    @abstractmethod
    def _report(self, said: dict[str, str]) -> Any: ...


class Member(Way):
    """With an account, on the page: one form begins it, another one tells of the end."""

    def __init__(self, kombo: Simulator, user: User, start: str, done: str, **form: str) -> None:
        super().__init__(kombo)
        self.start, self.done, self.form = start, done, form
        self.client.force_login(user)

    def _press(self) -> Any:
        return self.client.post(self.start, self.form, headers=HTMX)

    def _report(self, said: dict[str, str]) -> Any:
        return self.client.post(self.done, said, headers=HTMX)


class Embedded(Way):
    """In a host's frame, which leads to a window of our own; `act` is the button's address."""

    def __init__(self, kombo: Simulator, tenant: Tenant, *act: str) -> None:
        super().__init__(kombo)
        self.origin_id, self.act, self.window = tenant.origin_id, act, ""
        self.frame = enter(sub=tenant.origin_id)

    def leave(self) -> Any:
        """Press in the frame: a window opens, if the answer has one."""
        left = self.frame.post(self.frame.on(*self.act))
        way = re.search(r'data-leave="([^"?]*)', left.content.decode())
        self.window = way[1] if way else ""
        return left

    def progress(self) -> str:
        """Press in the frame; answers the address at which it looks for what comes of it."""
        answer = read(self.leave())
        return answer.one("section", "hx-get")["hx-get"]

    def _press(self) -> Any:
        """Press in the window that is open, or in a new one where that leads nowhere any more."""
        if self.window and not self.token:
            pressed = self._press_in_window()
            if pressed.status_code != EXPIRED:
                return pressed
        left = self.leave()
        return self._press_in_window() if self.window else left

    def _press_in_window(self) -> Any:
        return self.client.post(self.window, {"email": EMAIL}, headers=HTMX)

    def _report(self, said: dict[str, str]) -> Any:
        return self.client.post(f"{self.window}completed/", said, headers=HTMX)


class Invited(Way):
    """By a link that somebody sent, without an account."""

    def __init__(self, kombo: Simulator, link: HandOff) -> None:
        super().__init__(kombo)
        self.path = path_of(link)

    def _press(self) -> Any:
        return self.client.post(self.path, {"email": EMAIL}, headers=HTMX)

    def _report(self, said: dict[str, str]) -> Any:
        return self.client.post(f"{self.path}completed/", said, headers=HTMX)


def to_connect(name: str, kombo: Simulator, tenant: Tenant, user: User) -> Way:
    """Return who connects Workday: a "member", one in an "embed", or a "guest"."""
    match name:
        case "member":
            start = reverse("connect_start", args=[tenant.public_id, *TOOL])
            done = reverse("connect_completed", args=[tenant.public_id])
            return Member(kombo, user, start, done)
        case "embed":
            return Embedded(kombo, tenant, "connect_start", *TOOL)
    attempt = attempts.plan(tenant, offered(), by=COMMAND)
    return Invited(kombo, hand_offs.create(attempt, RepairAct.CONNECT, by=COMMAND))


def to_repair(name: str, kombo: Simulator, made: Integration, act: str, user: User) -> Way:
    """Return who goes through Kombo Connect again, in the same three ways."""
    address = {RepairAct.RECONNECT: "reconnect", RepairAct.SETUP: "set_up"}[RepairAct(act)]
    match name:
        case "member":
            return Member(kombo, user, url_of(address, made), url_of("completed", made))
        case "embed":
            return Embedded(kombo, made.tenant, address, made.public_id)
    return Invited(kombo, hand_offs.create(made, act, by=COMMAND))


def begins_anew(way: Way) -> bool:
    """Whether somebody who comes back, hours later, gets a new link to the tool."""
    way.token = ""
    if isinstance(way, Embedded):  # the session of a frame has ended by then
        way.frame = enter(sub=way.origin_id)
    way.press()
    return bool(way.token)


NAMES = ("member", "embed", "guest")
