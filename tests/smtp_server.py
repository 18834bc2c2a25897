"""A mail server on loopback that counts what it takes, and can be made to hang at any point of a
conversation.
"""

import re
import socketserver
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

POINTS = ("", "connected", "sender", "data", "taken")
"""Where it can hang: nowhere, before it says hello, at MAIL, before the mail is its own, before it
says that it is.
"""


class PostOffice(socketserver.ThreadingTCPServer):
    """Keeps the Message-ID of every mail it took."""

    daemon_threads = allow_reuse_address = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Conversation)
        self.taken: Counter[str] = Counter()
        self.refusing = ""
        self.breaks_off = False
        """Whether it hangs up where it would hang."""
        self._hanging = ""
        self._free = threading.Event()
        self.reached = threading.Event()
        """Set when a conversation hangs."""

    @property
    def port(self) -> int:
        return int(self.server_address[1])

    def hang(self, point: str) -> None:
        """From now on conversations hang there; those that hang now go on if there is no such
        point.
        """
        assert point in POINTS
        self._hanging = point
        self.reached.clear()
        if point:
            self._free.clear()
        else:
            self._free.set()

    def at(self, point: str) -> None:
        if point == self._hanging:
            self.reached.set()
            if self.breaks_off:
                raise ConnectionAbortedError
            self._free.wait(60)

    def handle_error(self, request: object, client_address: object) -> None:
        """Whoever talks to it is killed now and then."""


class _Conversation(socketserver.StreamRequestHandler):
    server: PostOffice

    def handle(self) -> None:
        self.server.at("connected")
        self._say("220 post office")
        for line in iter(self.rfile.readline, b""):
            verb = line.strip().upper().partition(b" ")[0].decode()
            if verb == "DATA":
                self._take()
            elif verb == "QUIT":
                self._say("221 bye")
                return
            elif verb == "MAIL":
                self.server.at("sender")
                self._say("250 ok")
            elif verb == "RCPT" and self.server.refusing:
                self._say(self.server.refusing)
            else:
                self._say("250 ok")

    def _take(self) -> None:
        self._say("354 go on")
        lines = []
        for line in iter(self.rfile.readline, b""):
            if line == b".\r\n":
                break
            lines.append(line)
        else:
            return  # it broke off, so there is no mail
        self.server.at("data")
        found = re.search(rb"(?mi)^Message-ID:\s*(\S+)", b"".join(lines))
        assert found
        self.server.taken[found[1].decode()] += 1
        self.server.at("taken")
        self._say("250 taken")

    def _say(self, words: str) -> None:
        self.wfile.write(f"{words}\r\n".encode())


@contextmanager
def post_office() -> Iterator[PostOffice]:
    """One that is open."""
    office = PostOffice()
    thread = threading.Thread(
        target=office.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True
    )
    thread.start()
    try:
        yield office
    finally:
        office.hang("")
        office.shutdown()
        office.server_close()
