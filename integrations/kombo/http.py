"""Bounded HTTP: one call with an end in time, an end in size and no surprises on the way.

The only module that imports httpx and httpcore, so that changing the HTTP library is a change here
alone.
"""

import socket
import ssl
import threading
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version
from typing import Any, cast

import httpcore
import httpx

from integrations.kombo.transfer import (
    ConnectFailed,
    TooLarge,
    TransferBroken,
    TransferError,
    TransferTimedOut,
    unpack,
)

MAX_BYTES = 2 * 1024 * 1024

try:
    USER_AGENT = f"kombo-dashboard/{version('kombo-dashboard')}"
except PackageNotFoundError:  # run from a checkout
    USER_AGENT = "kombo-dashboard/dev"

_deadline: ContextVar[float | None] = ContextVar("deadline", default=None)


@dataclass(frozen=True)
class Answer:
    """One complete answer; header names are lower case, `body` is unpacked.

    `repr` shows the status alone: headers and body may hold links and personal data.
    """

    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)


class Http:
    """A pool of connections whose every call is bounded; threads may share one.

    `connect_timeout` and `read_timeout` are in seconds and bound one step (a connection attempt, a
    read). The transport is built on first use, since loading the certificate store takes tens of
    milliseconds; pass `transport` to answer calls in-process instead (nothing is bounded in time
    then but reading).
    """

    def __init__(
        self,
        connect_timeout: float = 1.0,
        read_timeout: float = 2.5,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        self._connect_timeout = connect_timeout
        self._read_timeout = read_timeout
        self._transport = transport
        self._lock = threading.Lock()

    def request(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        json: object = None,
        deadline: float,
        max_bytes: int = MAX_BYTES,
    ) -> Answer:
        """Make one call and return its answer, whatever the status; redirects are answers too.

        `deadline` is the `time.monotonic()` instant by which the whole call is over, `max_bytes`
        the most the body may measure, both as sent and as unpacked. Raises a TransferError.
        """
        token = _deadline.set(deadline)
        try:
            with _translated(ConnectFailed):
                request = self._build(method, url, headers or {}, json)
                response = self._connected().handle_request(request)
            with _translated(TransferBroken), closing(response):
                encoding = response.headers.get("content-encoding", "identity")
                body = unpack(_read(response, max_bytes), encoding, max_bytes)
            return Answer(response.status_code, dict(response.headers), body)
        finally:
            _deadline.reset(token)

    def close(self) -> None:
        """Close the pooled connections. A later call opens new ones."""
        with self._lock:
            if self._transport is not None:
                self._transport.close()

    def _connected(self) -> httpx.BaseTransport:
        with self._lock:
            if self._transport is None:
                self._transport = _BoundedTransport()
            return self._transport

    def _build(
        self, method: str, url: str, headers: Mapping[str, str], json: object
    ) -> httpx.Request:
        left = _clip(None, httpx.ReadTimeout)
        # Straight to the transport, past httpx.Client: a client would keep cookies, shared by all
        # tenants, and log every URL, integration id included, at INFO.
        return httpx.Request(
            method,
            url,
            headers={"User-Agent": USER_AGENT, "Accept-Encoding": "gzip", **headers},
            json=json,
            extensions={
                "timeout": {
                    "connect": self._connect_timeout,
                    "read": self._read_timeout,
                    "write": self._read_timeout,
                    "pool": left,
                }
            },
        )


class _BoundedTransport(httpx.HTTPTransport):
    """httpx's own transport on top of a pool that knows the deadline.

    `_pool` is private to httpx, which offers no other way to hand it a network backend. Should an
    upgrade rename it, `test_headers_sent_byte_by_byte_end_at_the_deadline` fails.
    """

    def __init__(self) -> None:
        context = httpx.create_ssl_context(verify=True, trust_env=False)
        super().__init__(verify=context, trust_env=False)
        self._pool = httpcore.ConnectionPool(
            ssl_context=context,
            max_connections=32,  # 16 threads, to Kombo and to where the logos are
            max_keepalive_connections=16,
            keepalive_expiry=30.0,
            network_backend=_Backend(),
        )


class _Backend(httpcore.NetworkBackend):
    """Opens sockets that are done by the deadline.

    Looking up a name is left to the resolver's own limit.
    """

    def __init__(self) -> None:
        self._sockets = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        error: Exception = httpcore.ConnectError("no address")
        # One at a time, for `create_connection` gives every address of a host the full timeout.
        for address in _addresses(host, port):
            try:
                left = _clip(timeout, httpcore.ConnectTimeout)
                stream = self._sockets.connect_tcp(
                    address, port, left, local_address, socket_options
                )
                return _Stream(stream)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as failure:
                error = failure
        raise error


class _Stream(httpcore.NetworkStream):
    """A connection that waits for nothing past the deadline, however slowly the bytes come."""

    def __init__(self, stream: httpcore.NetworkStream) -> None:
        self._stream = stream
        self._answered = False

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        data = self._stream.read(max_bytes, _clip(timeout, httpcore.ReadTimeout))
        if not data and not self._answered:
            # Mostly a kept-alive connection that the server closed just now: a failed connection to
            # us, where httpcore would call it a broken protocol.
            raise httpcore.ReadError("closed before an answer")
        self._answered = True
        return data

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._answered = False
        self._stream.write(buffer, _clip(timeout, httpcore.WriteTimeout))

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        left = _clip(timeout, httpcore.ConnectTimeout)
        return _Stream(self._stream.start_tls(ssl_context, server_hostname, left))

    def close(self) -> None:
        self._stream.close()

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


def _addresses(host: str, port: int) -> list[str]:
    # The resolver takes an empty name for this machine and wraps a port past 65535 around.
    if not host or port > 65535:
        raise httpcore.ConnectError("no such address")
    try:
        addresses = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise httpcore.ConnectError("unknown host") from None
    return [str(entry[4][0]) for entry in addresses]


def _clip(timeout: float | None, expired: type[Exception]) -> float | None:
    """Shorten `timeout` to the time this call has left; raise `expired` if that is none."""
    deadline = _deadline.get()
    if deadline is None:
        return timeout
    left = deadline - time.monotonic()
    if left <= 0:
        raise expired("the whole call took too long")
    return left if timeout is None else min(timeout, left)


def _read(response: httpx.Response, max_bytes: int) -> bytearray:
    """Collect the body as sent, giving up as soon as it is, or says it is, too large."""
    declared = response.headers.get("content-length", "")
    if declared.isdecimal() and (len(declared) > 18 or int(declared) > max_bytes):
        raise TooLarge("the answer announces more than is allowed")
    raw = bytearray()
    # The stream itself, for `iter_raw` refuses the ready-made answers of httpx.MockTransport.
    for chunk in cast("Iterable[bytes]", response.stream):
        raw += chunk
        if len(raw) > max_bytes:
            raise TooLarge("the answer is larger than is allowed")
        _clip(None, httpx.ReadTimeout)
    return raw


@contextmanager
def _translated(broken: type[TransferError]) -> Iterator[None]:
    """Turn httpx's errors into ours; one of the network becomes `broken`.

    `from None`, since httpx's own messages may quote a URL or a header, and with it the API key.
    """
    try:
        yield
    except httpx.TimeoutException:
        raise TransferTimedOut("the call took too long") from None
    except httpx.NetworkError:
        raise broken("the connection failed") from None
    except (httpx.InvalidURL, httpx.UnsupportedProtocol, httpx.LocalProtocolError, UnicodeError):
        raise ConnectFailed("the address or a header cannot be sent") from None
    except httpx.HTTPError:
        raise TransferBroken("the answer is not proper HTTP") from None
