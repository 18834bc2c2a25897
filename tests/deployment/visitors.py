"""Who uses the site while it is operated on: each answer that is none counts."""

import json
import ssl
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from itertools import count
from types import TracebackType
from typing import Any, Self

import httpx

from integrations.kombo.webhooks import sign

HOST = "integrations.example.com"
SITE = "https://127.0.0.1"
WEBHOOKS = "/webhooks/kombo/production/"
PATIENCE = 35.0  # seconds


class Browser:
    """Speaks to the proxy as to the site's name, whatever its certificate."""

    def __init__(self, **headers: str) -> None:
        context = ssl.create_default_context()
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        names = {"Host": HOST, "Referer": f"https://{HOST}/"} | headers
        self._client = httpx.Client(base_url=SITE, verify=context, headers=names, timeout=PATIENCE)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self._client.close()

    def ask(self, method: str, path: str, **more: Any) -> httpx.Response:
        return self._client.request(method, path, extensions={"sni_hostname": HOST}, **more)

    def get(self, path: str, **more: Any) -> httpx.Response:
        return self.ask("GET", path, **more)

    def sign_in(self, name: str, password: str) -> httpx.Response:
        """Return the answer to the form, which leads on if the password is right."""
        self.get("/account/login/")
        token = self._client.cookies["__Host-csrf"]
        fields = {"username": name, "password": password, "csrfmiddlewaretoken": token}
        return self.ask("POST", "/account/login/", data=fields)


def event(number: object, secret: str) -> dict[str, Any]:
    """A webhook as Kombo would send it, of a type that is stored and has no effect."""
    content = {"id": f"trial-{number}", "type": "trial", "data": {}}
    body = json.dumps(content).encode()
    return {"content": body, "headers": {"X-Kombo-Signature": sign(body, secret)}}


class Visits:
    """What became of every request."""

    def __init__(self) -> None:
        self.answers: Counter[str] = Counter()
        self.slowest = 0.0
        self._lock = threading.Lock()

    def note(self, what: str, seconds: float) -> None:
        with self._lock:
            self.answers[what] += 1
            self.slowest = max(self.slowest, seconds)

    @property
    def lost(self) -> dict[str, int]:
        """Answers that nobody wants, by what was asked."""
        return {what: n for what, n in self.answers.items() if not what.endswith(" 200")}


@contextmanager
def visitors(signed_in: Browser, secret: Callable[[], str]) -> Iterator[Visits]:
    """Two who open the front page, one who is signed in, and Kombo's webhooks."""
    visits, over = Visits(), threading.Event()

    def keep_asking(browser: Browser, method: str, path: str, more: Callable[[], Any]) -> None:
        while not over.wait(0.02):
            began = time.monotonic()
            try:
                answer = str(browser.ask(method, path, **more()).status_code)
            except httpx.HTTPError as error:
                answer = type(error).__name__
            visits.note(f"{method} {path} {answer}", time.monotonic() - began)

    numbers = count(int(time.time() * 1000))
    cases: list[tuple[Browser, str, str, Callable[[], Any]]] = [
        (Browser(), "GET", "/account/login/", dict),
        (Browser(), "GET", "/account/login/", dict),
        (signed_in, "GET", "/workspace/", dict),
        (Browser(), "POST", WEBHOOKS, lambda: event(next(numbers), secret())),
    ]
    threads = [threading.Thread(target=keep_asking, args=case, daemon=True) for case in cases]
    for thread in threads:
        thread.start()
    time.sleep(1)
    try:
        yield visits
        time.sleep(1)
    finally:
        over.set()
        for thread in threads:
            thread.join(PATIENCE)
        for browser, *_rest in cases:
            if browser is not signed_in:
                with suppress(httpx.HTTPError):
                    browser.__exit__(None, None, None)
