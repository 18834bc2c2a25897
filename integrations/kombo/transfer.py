"""What can go wrong with the bytes of a call, and unpacking them within bounds.

    TransferError
    ├── ConnectFailed     no connection, or it went away before an answer began
    ├── TransferTimedOut  the step or the whole call took too long
    ├── TransferBroken    reset, cut short, not HTTP, or an encoding we did not ask for
    └── TooLarge          more bytes than the caller allowed, as sent or once unpacked

Messages of these never hold a path, a header or a body: they are safe to log.
"""

import zlib


class TransferError(Exception):
    """A call that brought no complete answer."""


class ConnectFailed(TransferError):
    """No connection: refused, unknown host, bad certificate, or closed before an answer began."""


class TransferTimedOut(TransferError):
    """A step of the call, or the whole of it, ran out of time."""


class TransferBroken(TransferError):
    """The answer began and is unusable: cut short, not HTTP, or badly encoded."""


class TooLarge(TransferError):
    """The answer is larger than allowed, as transferred or as unpacked."""


def unpack(raw: bytearray, encoding: str, max_bytes: int) -> bytes:
    """Return a body without its content encoding, of which we asked for gzip alone.

    By ourselves, as httpx would unpack 200 KB into 200 MB without a word. Raises TransferBroken,
    TooLarge.
    """
    encoding = encoding.strip().lower()
    if encoding in {"identity", ""} or not raw:
        return bytes(raw)
    if encoding not in {"gzip", "x-gzip"}:
        raise TransferBroken("the answer has an encoding that was not asked for")
    unpacker = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
    try:
        body = unpacker.decompress(raw, max_bytes + 1)
    except zlib.error:
        raise TransferBroken("the answer is not the gzip it claims to be") from None
    if len(body) > max_bytes:
        raise TooLarge("the answer unpacks to more than is allowed")
    if not unpacker.eof or unpacker.unused_data:
        raise TransferBroken("the answer's gzip is cut short or followed by something else")
    return body
