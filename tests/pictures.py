"""Small pictures, whole, and what else tests make of them."""

import zlib


def png(*, width: int = 2, height: int = 2) -> bytes:
    """A PNG of this size, white all over where it is small."""
    rows = (b"\0" + bytes([255] * min(width, 64))) * min(height, 64)
    size = width.to_bytes(4) + height.to_bytes(4) + bytes([8, 0, 0, 0, 0])
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        chunk(name, data)
        for name, data in ((b"IHDR", size), (b"IDAT", zlib.compress(rows)), (b"IEND", b""))
    )


def chunk(name: bytes, data: bytes) -> bytes:
    """One chunk of a PNG with its checksum."""
    return len(data).to_bytes(4) + name + data + zlib.crc32(name + data).to_bytes(4)


def jpeg(*, width: int = 2, height: int = 2) -> bytes:
    """The frame of a JPEG of this size, with a beginning and an end."""
    frame = b"\x08" + height.to_bytes(2) + width.to_bytes(2) + b"\x01\x01\x11\x00"
    parts = ((0xE0, b"JFIF\0" + bytes(9)), (0xC0, frame), (0xDA, b"\x01\x01\x00\x00\x3f\x00"))
    segments = (bytes([0xFF, kind]) + (2 + len(data)).to_bytes(2) + data for kind, data in parts)
    return b"\xff\xd8" + b"".join(segments) + b"\x54\xff\xd9"


PNG = png()
JPEG = jpeg()
