"""A Kombo that behaves as a test wants, and the client that calls it."""

import json

import httpx

from integrations.kombo.client import Kombo
from integrations.kombo.http import Http
from tests.kombo.payloads import payload

KEY = "ks_test_s3cret"
ID = "factorial:8d1hpPsbjxUkoCoa1veLZGe5"
HTML = b"<!doctype html><title>502 Bad Gateway</title>"


class Waits(list[float]):
    """Stands in for time.sleep and remembers."""

    def __call__(self, seconds: float) -> None:
        self.append(seconds)


def kombo(
    url: str,
    http: Http,
    *,
    retries: int = 0,
    deadline: float = 5,
    jitter: float = 0.5,
    waits: Waits | None = None,
) -> Kombo:
    sleep = waits if waits is not None else Waits()
    return Kombo(
        base_url=f"{url}/v1/",
        api_key=KEY,
        http=http,
        retries=retries,
        deadline=deadline,
        sleep=sleep,
        jitter=lambda: jitter,
    )


class Answering:
    """An in-process Kombo that gives one answer and keeps the requests."""

    def __init__(self, name: str = "example", status: int = 200, body: bytes | None = None) -> None:
        self.body = payload(name) if body is None else body
        self.status = status
        self.requests: list[httpx.Request] = []
        self.kombo = Kombo(
            base_url="https://kombo.test/v1",
            api_key=KEY,
            http=Http(transport=httpx.MockTransport(self._handle)),
        )

    def _handle(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        return httpx.Response(self.status, content=self.body)

    @property
    def sent(self) -> tuple[str, str, object]:
        (request,) = self.requests
        return request.method, request.url.raw_path.decode(), json.loads(request.content or b"null")
