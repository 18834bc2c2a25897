"""Which bytes are a logo that shows something and costs nobody much; a monogram stands for all
others.
"""

import pytest

from integrations.domain.pictures import DEEPEST, MOST_ELEMENTS, content_type, ratio
from integrations.simulator import tool_icons
from tests.pictures import JPEG, PNG, chunk, jpeg, png

NAMESPACE = 'xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"'
USE = '<use href="#a"/>'
RECT = '<rect width="9" height="9"/>'


def svg(inside: str = RECT, root: str = "") -> bytes:
    return f"<svg {NAMESPACE} {root}>{inside}</svg>".encode()


def laughs(tag: str, *, levels: int, each: int = 10) -> bytes:
    """Each level has the one below drawn ten times: 10^levels shapes from two kilobytes."""
    reference = {"use": '<use href="#{}"/>', "xlink": '<use xlink:href="#{}"/>'}.get(
        tag, f'<rect width="9" height="9" {tag}="url(#{{}})"/>'
    )
    holder = {"mask": "mask", "clip-path": "clipPath"}.get(tag, "g")
    parts = [f'<{holder} id="l0">{RECT}</{holder}>']
    for level in range(1, levels):
        inner = reference.format(f"l{level - 1}") * each
        parts.append(f'<{holder} id="l{level}">{inner}</{holder}>')
    return svg(f"<defs>{''.join(parts)}</defs>{reference.format(f'l{levels - 1}')}")


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (svg(), "image/svg+xml"),
        (svg(root='width="44" height="44" viewBox="0 0 44 44"'), "image/svg+xml"),
        (svg(root='width="0.5em" height="10.0px" viewBox="0,0,10,10"'), "image/svg+xml"),
        (
            svg(f'<defs><g id="a">{RECT}</g></defs>{USE}{USE}'),
            "image/svg+xml",
        ),
        (svg(f'<linearGradient id="a"/><path d="M0 0" fill="url(#a)"/>{RECT}'), "image/svg+xml"),
        (svg(f"<style>.a{{fill:url(#g)}}</style><radialGradient id='g'/>{RECT}"), "image/svg+xml"),
        (svg(f'<e:notes xmlns:e="http://editor/"><e:n/></e:notes>{RECT}'), "image/svg+xml"),
        (svg("<text>P</text>"), "image/svg+xml"),
        (laughs("use", levels=4, each=3), "image/svg+xml"),
        (PNG, "image/png"),
        (JPEG, "image/jpeg"),
        (JPEG + bytes(3), "image/jpeg"),
    ],
)
def test_a_logo_is_known_by_its_bytes(body: bytes, kind: str) -> None:
    assert content_type(body) == kind


@pytest.mark.parametrize(
    ("body", "times"),
    [
        (svg(root='viewBox="0 0 164 32"'), 164 / 32),
        (svg(root='width="44px" height="22" viewBox="0,0,10,10"'), 2),
        (svg(root='width="100%" height="2em" viewBox="0 0 30 10"'), 3),
        (svg(root='width="44"'), 0),
        (svg(), 0),
        (PNG, 1),
    ],
)
def test_its_shape_is_known_too(body: bytes, times: float) -> None:
    assert ratio(body) == times


@pytest.mark.parametrize("tool", ["personio", "hibob", "360learning"])
def test_the_simulators_own_pass(tool: str) -> None:
    for made in (tool_icons.icon(tool), tool_icons.logo(tool)):
        assert content_type(made.encode()) == "image/svg+xml"


@pytest.mark.parametrize(
    "body",
    [
        # No namespace, or another one: browsers draw nothing.
        b"<svg><rect/></svg>",
        b'<svg xmlns="http://www.w3.org/2000/SVG"><rect/></svg>',
        b'<svg xmlns="http://www.w3.org/1999/xhtml"><rect/></svg>',
        b'<svg xmlns:s="http://www.w3.org/2000/svg"><s:rect/></svg>',
        b'<g xmlns="http://www.w3.org/2000/svg"><rect/></g>',
        # No size, or nothing in it.
        svg(root='width="0" height="44"'),
        svg(root='height="0.0px"'),
        svg(root='width="00%"'),
        svg(root='viewBox="0 0 0 44"'),
        svg(root='viewBox="0,0,44,0"'),
        svg(""),
        svg("<g/><title>Personio</title>"),
        svg(f"<defs>{RECT}</defs>"),
        svg(f'<x:g xmlns:x="http://editor/">{RECT.replace("<rect", "<x:rect")}</x:g>'),
    ],
)
def test_what_would_be_a_blank_is_none(body: bytes) -> None:
    assert content_type(body) == ""


@pytest.mark.parametrize(
    "inside",
    [
        "<script>1</script>",
        '<image href="data:image/svg+xml,x"/>',
        "<foreignObject/>",
        "<filter id='f'/>",
        "<pattern id='p'/>",
        "<animate/>",
        "<a/>",
        '<use href="https://elsewhere.example/a.svg#a"/>',
        '<use href="#missing"/>',
        '<g id="a"><use href="#a"/></g>',
        '<g id="a"><use href="#b"/></g><g id="b"><use xlink:href="#a"/></g>',
        "<style>.a{mask:url(#m)}</style><mask id='m'/>",
        "<style>@import url(https://elsewhere.example/a.css)</style>",
        f"{'<g>' * DEEPEST}{'</g>' * DEEPEST}",
        "<g/>" * MOST_ELEMENTS,
    ],
)
def test_what_is_not_on_the_list_is_none(inside: str) -> None:
    assert content_type(svg(RECT + inside)) == ""


@pytest.mark.parametrize("tag", ["use", "xlink", "mask", "clip-path", "fill"])
def test_a_few_bytes_that_draw_millions_are_none(tag: str) -> None:
    body = laughs(tag, levels=9)
    assert len(body) < 6_000
    assert content_type(body) == ""


@pytest.mark.parametrize(
    "body",
    [
        PNG[:8],
        PNG[:-1],
        PNG[:-12],
        PNG.replace(b"IDAT", b"IDOT"),
        PNG[:40] + b"\0" + PNG[41:],
        PNG[:33] + chunk(b"IEND", b""),
        png(width=0),
        png(height=0),
        png(width=100_000, height=100_000),
        JPEG[:3],
        JPEG[:-2],
        jpeg(width=0),
        jpeg(height=0),
        jpeg(width=60_000),
        b"\xff\xd8\xff" + b"\xff\xd9" * 9,
        b"\xff\xd8\xff\xe0\x00\x00" + bytes(64),
    ],
)
def test_pixels_come_whole_and_with_a_size(body: bytes) -> None:
    assert content_type(body) == ""
