"""The way to the simulator within a process."""

from collections.abc import Iterable
from typing import cast

import httpx

from integrations.simulator.app import Simulator
from tests import copy


class Nearby(httpx.WSGITransport):
    """The way to the simulator without a network; what goes wrong on the way is as httpx would tell
    it.
    """

    def __init__(self, simulator: Simulator) -> None:
        super().__init__(app=simulator)
        self._site = f"{simulator.public_url}/"

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        if not str(request.url).startswith(self._site):
            raise httpx.ConnectError("nobody else is here")
        try:
            response = super().handle_request(request)
        except ConnectionError:
            raise httpx.ReadError(copy.TOOL_CONNECTION(tool="the simulator dropped the")) from None
        if "content-length" in response.headers:
            body = b"".join(cast("Iterable[bytes]", response.stream))
            if len(body) < int(response.headers["content-length"]):
                raise httpx.RemoteProtocolError("the simulator said less than it had announced")
            response.stream = httpx.ByteStream(body)
        return response
