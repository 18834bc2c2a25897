"""Everything that can go wrong between the dashboard and Kombo, by name.

A fault is a function from a `Trouble` (the call it meets) to the answer that is sent instead.
"""

import gzip
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from integrations.simulator.web import HTML, JSON, Response, answer_json

MEGABYTE = 1_000_000
TITLES = {
    "PLATFORM.RATE_LIMIT_EXCEEDED": (429, "Rate limit exceeded"),
    "PLATFORM.INTEGRATION_NOT_FOUND": (404, "Integration not found"),
    "PLATFORM.INPUT_INVALID": (400, "Input invalid"),
    "PLATFORM.UNKNOWN_ERROR": (500, "Unknown error"),
    "PLATFORM.IP_NOT_WHITELISTED": (403, "IP address not allowed"),
    "PLATFORM.AUTHENTICATION_INVALID": (401, "Authentication invalid"),
    "INTEGRATION.INACTIVE": (400, "Integration inactive"),
    "INTEGRATION.AUTHENTICATION_INVALID": (400, "Tool credentials invalid"),
    "INTEGRATION.SETUP_INCOMPLETE": (409, "Setup incomplete"),
    "INTEGRATION.SETUP_SYNC_PENDING": (409, "First sync pending"),
    "INTEGRATION.QA_FAILED": (409, "Quality check failed"),
    "INTEGRATION.PERMISSION_MISSING": (403, "Permission missing"),
}
"""HTTP status and static title of each error code the simulator knows."""


@dataclass(frozen=True)
class Trouble:
    """A call that meets a fault."""

    proceed: Callable[[], Response]
    """Makes the answer Kombo would have given."""
    hold: Callable[[float], bool]
    """Waits that many seconds; False when the fault was switched off meanwhile."""
    public_url: str
    stranger: Callable[[], str]
    """Finds the origin id of another customer."""


def problem(
    code: str | None, message: str, *headers: tuple[str, str], status: int = 400
) -> Response:
    """Return a response with Kombo's error envelope; without a code, title and log_url are null."""
    status, title = TITLES[code] if code else (status, None)
    log_url = "https://app.kombo.dev/demo/logs?interactionId=123456" if code else None
    error = {"code": code, "title": title, "message": message, "log_url": log_url}
    return answer_json({"status": "error", "error": error}, status, *headers)


def _none(trouble: Trouble) -> Response:
    return trouble.proceed()


def _slow(trouble: Trouble) -> Response:
    trouble.hold(2)
    return trouble.proceed()


def _hanging(trouble: Trouble) -> Response:
    trouble.hold(60)
    return trouble.proceed()


def _dripping(trouble: Trouble) -> Response:
    whole = trouble.proceed()
    body = _bytes(whole)

    def drops() -> Iterator[bytes]:
        for at in range(len(body)):
            yield body[at : at + 1]
            if not trouble.hold(1):
                yield body[at + 1 :]
                return

    return replace(
        whole, body=drops(), headers=(*whole.headers, ("Content-Length", str(len(body))))
    )


def _rate_limited(_: Trouble) -> Response:
    headers = (("Retry-After", "20"), ("ratelimit-remaining", "0"), ("ratelimit-reset", "20"))
    return problem("PLATFORM.RATE_LIMIT_EXCEEDED", "Too many requests.", *headers)


def _server_error(_: Trouble) -> Response:
    return problem("PLATFORM.UNKNOWN_ERROR", "Something went wrong on our side.")


def _bad_gateway(_: Trouble) -> Response:
    return Response(
        502, b"<html><head><title>502 Bad Gateway</title></head><h1>502</h1></html>", (HTML,)
    )


def _unavailable(_: Trouble) -> Response:
    return Response(503, b"no healthy upstream", (("Content-Type", "text/plain"),))


def _gateway_timeout(_: Trouble) -> Response:
    return Response(504, b"", (("Content-Type", "text/plain"),))


def _truncated(trouble: Trouble) -> Response:
    whole = trouble.proceed()
    body = _bytes(whole)
    return replace(
        whole, body=iter([body[: len(body) // 2]]), headers=(*whole.headers, _length(body))
    )


def _reset(_: Trouble) -> Response:
    raise ConnectionResetError("the simulator was told to drop this connection")


def _wrong_json(_: Trouble) -> Response:
    return Response(200, b'{"status":"success","data":{"id":', (JSON,))


def _wrong_shape(trouble: Trouble) -> Response:
    def spoil(data: dict[str, Any]) -> object:
        return {**data, "beta": "yes"} if "beta" in data else "yes"

    return _edited(trouble.proceed(), spoil)


def _html(_: Trouble) -> Response:
    return Response(
        200, b"<!doctype html><title>Welcome</title><p>Please sign in to the network.</p>", (HTML,)
    )


def _empty(_: Trouble) -> Response:
    return Response(200, b"", (JSON,))


def _redirect(trouble: Trouble) -> Response:
    return Response(302, b"", (("Location", f"{trouble.public_url}/v1/redirected"),))


def _key_revoked(_: Trouble) -> Response:
    return problem("PLATFORM.AUTHENTICATION_INVALID", "The API key was revoked.")


def _forbidden(_: Trouble) -> Response:
    return problem("PLATFORM.IP_NOT_WHITELISTED", "Calls from this address are not allowed.")


def _huge(trouble: Trouble) -> Response:
    head, tail = _padded(_bytes(trouble.proceed()))

    def chunks() -> Iterator[bytes]:
        yield head
        for _ in range(80):
            yield b"x" * MEGABYTE
        yield tail

    return Response(200, chunks(), (JSON,))


def _gzip_bomb(trouble: Trouble) -> Response:
    head, tail = _padded(_bytes(trouble.proceed()))
    body = gzip.compress(head + b"x" * (80 * MEGABYTE) + tail, 1)
    return Response(200, body, (JSON, ("Content-Encoding", "gzip")))


def _wrong_owner(trouble: Trouble) -> Response:
    def lie(data: dict[str, Any]) -> object:
        if "end_user" in data:
            return {**data, "end_user": {**data["end_user"], "origin_id": trouble.stranger()}}
        return (
            {**data, "end_user_origin_id": trouble.stranger()}
            if "end_user_origin_id" in data
            else data
        )

    return _edited(trouble.proceed(), lie)


def _foreign_link(trouble: Trouble) -> Response:
    def move(data: dict[str, Any]) -> object:
        return (
            {**data, "link": "https://connect.example.net/v1?token=stolen"}
            if "link" in data
            else data
        )

    return _edited(trouble.proceed(), move)


FAULTS: dict[str, tuple[str, Callable[[Trouble], Response]]] = {
    "none": ("None: Kombo answers as it should", _none),
    "slow": ("Slow: 2 seconds a call", _slow),
    "hanging": ("Hanging: no answer for 60 seconds", _hanging),
    "dripping": ("Dripping: one byte a second", _dripping),
    "rate_limited": ("429, come back in 20 seconds", _rate_limited),
    "server_error": ("500 with an error code", _server_error),
    "bad_gateway": ("502, an HTML page of the load balancer", _bad_gateway),
    "unavailable": ("503 without an envelope", _unavailable),
    "gateway_timeout": ("504 with an empty body", _gateway_timeout),
    "truncated": ("Connection lost in mid-body", _truncated),
    "reset": ("Connection reset, no answer", _reset),
    "wrong_json": ("200 with broken JSON", _wrong_json),
    "wrong_shape": ("200 with a boolean that says “yes”", _wrong_shape),
    "html": ("200 with an HTML page", _html),
    "empty": ("200 with an empty body", _empty),
    "redirect": ("302 to another address", _redirect),
    "key_revoked": ("401, the API key was revoked", _key_revoked),
    "forbidden": ("403, address not allowed", _forbidden),
    "huge": ("80 MB of JSON, streamed", _huge),
    "gzip_bomb": ("80 MB of JSON in 350 kB of gzip", _gzip_bomb),
    "wrong_owner": ("origin_id of another customer", _wrong_owner),
    "foreign_link": ("Connect links on a foreign host", _foreign_link),
}
"""Label for people and the fault itself, by name."""


def _bytes(response: Response) -> bytes:
    return response.body if isinstance(response.body, bytes) else b"".join(response.body)


def _length(body: bytes) -> tuple[str, str]:
    return ("Content-Length", str(len(body)))


def _padded(body: bytes) -> tuple[bytes, bytes]:
    """Cut a JSON object so that any amount of letters fits between the halves."""
    return body[:-1] + b',"padding":"', b'"}'


def _edited(response: Response, edit: Callable[[dict[str, Any]], object]) -> Response:
    """Change the `data` of a successful answer; an error stays as it is."""
    envelope = json.loads(_bytes(response))
    if "data" not in envelope:
        return response
    return replace(response, body=json.dumps({**envelope, "data": edit(envelope["data"])}).encode())
