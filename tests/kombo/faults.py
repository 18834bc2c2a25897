"""What can go wrong on the way to Kombo and back, byte by byte, whatever is asked."""

import json

from tests.kombo.servers import HEAD, Behaviour, Connection, answer, bomb, drip, hang, raw, reset

JSON = "Content-Type: application/json"
MEGABYTE = b"x" * 1_000_000


def _body(data: object) -> bytes:
    return json.dumps({"status": "success", "data": data}).encode()


def _error(code: str) -> bytes:
    error = {"code": code, "title": "Broken", "message": "It does not work.", "log_url": None}
    return json.dumps({"status": "error", "error": error}).encode()


def _huge(connection: Connection) -> None:
    """Stream 80 MB of JSON."""
    connection.read_request()
    connection.send(HEAD + b'Connection: close\r\n\r\n{"data":"')
    for _megabyte in range(80):
        connection.send(MEGABYTE)
    connection.send(b'"}')


def _bomb(connection: Connection) -> None:
    """Send 200 MB in 200 KB of gzip."""
    packed = bomb(200)
    answer(200, packed, JSON, "Content-Encoding: gzip")(connection)


def _endless_redirect(connection: Connection) -> None:
    answer(302, b"", f"Location: {connection.server.url}/again")(connection)


def _huge_headers(connection: Connection) -> None:
    """Never come to the end of them."""
    connection.read_request()
    connection.send(b"HTTP/1.1 200 OK\r\n")
    for number in range(2_000):
        connection.send(f"X-{number}: ".encode() + b"y" * 8_000 + b"\r\n")


SLOW: dict[str, Behaviour] = {
    "silence": hang,
    "headers drip": drip(b"HTTP/1.1 200 OK\r\n", b"X: y\r\n"),
    "body drips": drip(HEAD + b"Content-Length: 100000\r\n\r\n{", b" "),
}
WIRE: dict[str, Behaviour] = {
    **SLOW,
    "reset": reset(b""),
    "reset in the body": reset(HEAD + b'Content-Length: 1000\r\n\r\n{"status"'),
    "truncated body": raw(HEAD + b'Content-Length: 1000\r\n\r\n{"status":"success","data":{'),
    "closed at once": raw(b""),
    "no HTTP": raw(b"SSH-2.0-OpenSSH_9.9\r\n"),
    "huge headers": _huge_headers,
    "80 MB": _huge,
    "200 MB in gzip": _bomb,
    "broken gzip": answer(200, b"\x1f\x8bnot gzip", JSON, "Content-Encoding: gzip"),
    "another type": answer(200, b"\x89PNG\r\n\x1a\n", "Content-Type: application/octet-stream"),
    "HTML": answer(200, b"<!doctype html><p>Sign in to the network", "Content-Type: text/html"),
    "empty": answer(200, b"", JSON),
    "broken JSON": answer(200, b'{"status":"success","data":{"id":', JSON),
    "another schema": answer(200, _body({"beta": "yes", "id": 7}), JSON),
    "error in a 200": answer(200, _error("PLATFORM.UNKNOWN_ERROR"), JSON),
    "redirect": answer(302, b"", "Location: http://127.0.0.1:9/elsewhere"),
    "endless redirect": _endless_redirect,
    "400": answer(400, _error("PLATFORM.INPUT_INVALID"), JSON),
    "401": answer(401, _error("PLATFORM.AUTHENTICATION_INVALID"), JSON),
    "403": answer(403, _error("PLATFORM.IP_NOT_WHITELISTED"), JSON),
    "404": answer(404, _error("PLATFORM.INTEGRATION_NOT_FOUND"), JSON),
    "404 of a proxy": answer(404, b"<h1>Not Found</h1>", "Content-Type: text/html"),
    "429": answer(429, _error("PLATFORM.RATE_LIMIT_EXCEEDED"), JSON, "Retry-After: 20"),
    "429 without Retry-After": answer(429, _error("PLATFORM.RATE_LIMIT_EXCEEDED"), JSON),
    "500": answer(500, _error("PLATFORM.UNKNOWN_ERROR"), JSON),
    "502": answer(502, b"<h1>Bad Gateway</h1>", "Content-Type: text/html"),
    "503": answer(503, b"no healthy upstream", "Content-Type: text/plain"),
    "504": answer(504, b""),
}
"""Behaviours of a server by what goes wrong; `SLOW` are those that only a deadline ends."""
