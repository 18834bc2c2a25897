"""A small threading server for the simulator: HTTP/1.1, quiet, and quick to stop."""

import io
import socket
import socketserver
import struct
import sys
import threading
from collections.abc import Iterable
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer
from wsgiref.types import StartResponse

from integrations.simulator.app import Simulator

LARGEST_BODY = 1_000_000


class DemoServer(socketserver.ThreadingMixIn, WSGIServer):
    """Serves one simulator, each connection in a daemon thread."""

    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def __init__(self, simulator: Simulator, address: tuple[str, int]) -> None:
        self.simulator = simulator
        self._connections: set[socket.socket] = set()
        self._dropped: set[socket.socket] = set()
        super().__init__(address, Handler)
        self.set_app(simulator)

    def server_bind(self) -> None:
        """Bind without asking the resolver for the name of this machine, which can take seconds."""
        socketserver.TCPServer.server_bind(self)
        host, port = self.server_address[:2]
        self.server_name = str(host)
        self.server_port = int(port)
        self.setup_environ()

    def process_request(self, request: Any, client_address: Any) -> None:
        """Remember the connection, so that `shutdown` can end it."""
        self._connections.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        """Close one connection."""
        self._connections.discard(request)
        if request in self._dropped:
            self._dropped.discard(request)
            self.close_request(request)
        else:
            super().shutdown_request(request)

    def drop(self, connection: socket.socket) -> None:
        """Let closing this connection be a reset (RST) instead of a polite end."""
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._dropped.add(connection)

    def shutdown(self) -> None:
        """Stop: release held calls, end every connection, free the port."""
        self.simulator.close()
        super().shutdown()
        for connection in list(self._connections):
            _hang_up(connection)
        self.server_close()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Keep quiet about clients that went away and connections dropped on purpose."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


class Handler(WSGIRequestHandler):
    """Speaks HTTP/1.1 with keep-alive, where wsgiref's own handler answers once and closes."""

    server: DemoServer
    protocol_version = "HTTP/1.1"
    server_version = "KomboSimulator"
    sys_version = ""
    disable_nagle_algorithm = True
    timeout = 60

    def handle(self) -> None:
        """Answer one request after another on this connection, until either side closes it."""
        BaseHTTPRequestHandler.handle(self)

    def answer(self) -> None:
        """Run the application for one request and send what it says."""
        length = self.headers.get("Content-Length", "0")
        if (
            "Transfer-Encoding" in self.headers
            or not length.isdigit()
            or int(length) > LARGEST_BODY
        ):
            self.send_error(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
            self.close_connection = True
            return
        environ = {
            **self.get_environ(),
            "wsgi.input": io.BytesIO(self.rfile.read(int(length))),
            "wsgi.url_scheme": "http",
            "wsgi.errors": sys.stderr,
        }
        try:
            self._send(self.server.simulator(environ, self._start))
        except ConnectionError:
            self.close_connection = True
            self.server.drop(self.connection)

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = answer  # noqa: N815

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class names it
        """Say nothing: the demo's console belongs to the dashboard."""

    @property
    def _start(self) -> StartResponse:
        def start(status: str, headers: list[tuple[str, str]], exc_info: Any = None, /) -> Any:
            code, _, phrase = status.partition(" ")
            self.send_response(int(code), phrase)
            for name, value in headers:
                self.send_header(name, value)
            self._length = next(
                (int(value) for name, value in headers if name == "Content-Length"), None
            )
            self._chunked = self._length is None and self.request_version == "HTTP/1.1"
            if self._chunked:
                self.send_header("Transfer-Encoding", "chunked")
            elif self._length is None:
                self.close_connection = True
            return self.wfile.write

        return start

    _length: int | None = None
    _chunked = False

    def _send(self, body: Iterable[bytes]) -> None:
        self.end_headers()
        if self.command == "HEAD":
            return
        sent = 0
        for part in body:
            sent += len(part)
            self.wfile.write(b"%x\r\n%b\r\n" % (len(part), part) if self._chunked else part)
        if self._chunked:
            self.wfile.write(b"0\r\n\r\n")
        elif sent != self._length:
            self.close_connection = True


def serve(simulator: Simulator, port: int, *, host: str = "127.0.0.1") -> DemoServer:
    """Serve `simulator` in a daemon thread until `shutdown()`; raises OSError if the port is taken.

    Port 0 takes a free one and adjusts the simulator's `public_url`.
    """
    server = DemoServer(simulator, (host, port))
    simulator.open()
    if port == 0:
        simulator.public_url = f"http://{host}:{server.server_port}"
    threading.Thread(
        target=server.serve_forever, args=(0.05,), name="kombo-simulator", daemon=True
    ).start()
    return server


def _hang_up(connection: socket.socket) -> None:
    try:
        connection.shutdown(socket.SHUT_RDWR)
    except OSError:
        return
