"""Servers on the loopback that misbehave on purpose, byte by byte."""

import socket
import struct
import threading
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

GIVES_UP = 30.0  # seconds; whoever is not gone by then has no end of its own
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"


class Server:
    """What a test sees of a server: its address, how many connections it accepted, the requests it
    got, how many bytes it got rid of.
    """

    def __init__(self, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self.connections = 0
        self.requests: list[bytes] = []
        self.sent = 0
        self.stopping = threading.Event()


class Connection:
    """One accepted connection, as handed to a behaviour."""

    def __init__(self, server: Server, sock: socket.socket) -> None:
        self.server = server
        self._sock = sock

    def read_request(self) -> None:
        data = b""
        while b"\r\n\r\n" not in data:
            data += self._receive()
        head, _, body = data.partition(b"\r\n\r\n")
        for line in head.lower().split(b"\r\n"):
            if line.startswith(b"content-length:"):
                while len(body) < int(line.split(b":")[1]):
                    body += self._receive()
        self.server.requests.append(head + b"\r\n\r\n" + body)

    def _receive(self) -> bytes:
        data = self._sock.recv(65536)
        if not data:
            raise ConnectionResetError("the client left")
        return data

    def send(self, data: bytes) -> None:
        self._sock.sendall(data)
        self.server.sent += len(data)

    def reset(self) -> None:
        self._sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


type Behaviour = Callable[[Connection], None]


def answer(status: int = 200, body: bytes = b"", *headers: str) -> Behaviour:
    """Answer properly and close."""
    lines = [
        f"HTTP/1.1 {status} Whatever",
        f"Content-Length: {len(body)}",
        "Connection: close",
        *headers,
    ]
    return raw("\r\n".join(lines).encode() + b"\r\n\r\n" + body)


def raw(data: bytes) -> Behaviour:
    """Send exactly these bytes and close."""

    def behave(connection: Connection) -> None:
        connection.read_request()
        connection.send(data)

    return behave


def drip(data: bytes, then: bytes = b"x", every: float = 0.05) -> Behaviour:
    """Send `data` at once, then `then` again and again, and break off if nobody leaves."""

    def behave(connection: Connection) -> None:
        connection.read_request()
        connection.send(data)
        for _ in range(round(GIVES_UP / every)):
            if connection.server.stopping.wait(every):
                break
            connection.send(then)

    return behave


def hang(connection: Connection) -> None:
    """Accept, never say a word, and break off if nobody leaves."""
    connection.server.stopping.wait(GIVES_UP)
    connection.reset()


def reset(data: bytes) -> Behaviour:
    """Send `data`, then break the connection off."""

    def behave(connection: Connection) -> None:
        connection.read_request()
        connection.send(data)
        connection.server.stopping.wait(0.1)  # let the data arrive first
        connection.reset()

    return behave


@contextmanager
def serving(*behaviours: Behaviour) -> Iterator[Server]:
    """Serve one behaviour per connection in turn, the last one from then on."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = Server(listener.getsockname()[1])
        acceptor = threading.Thread(target=_accept, args=(server, listener, behaviours))
        acceptor.start()
        try:
            yield server
        finally:
            server.stopping.set()
            with suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)
            acceptor.join(5)


def _accept(server: Server, listener: socket.socket, behaviours: tuple[Behaviour, ...]) -> None:
    threads = []
    for index in range(1000):
        try:
            sock, _ = listener.accept()
        except OSError:
            break
        server.connections += 1
        behaviour = behaviours[min(index, len(behaviours) - 1)]
        threads.append(threading.Thread(target=_behave, args=(server, sock, behaviour)))
        threads[-1].start()
    for thread in threads:
        thread.join(5)


def _behave(server: Server, sock: socket.socket, behaviour: Behaviour) -> None:
    with sock, suppress(OSError):
        sock.settimeout(5)
        behaviour(Connection(server, sock))


def bomb(mebibytes: int) -> bytes:
    """Return as many MiB of zeros, packed a thousandfold."""
    packer = zlib.compressobj(9, wbits=zlib.MAX_WBITS | 16)
    return b"".join(packer.compress(bytes(1024 * 1024)) for _ in range(mebibytes)) + packer.flush()


def free_port() -> int:
    """Return a port on which nobody listens."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        port: int = sock.getsockname()[1]
        return port
