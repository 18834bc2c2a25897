"""The settings of the vendor's identity: a bad one stops the start, with its name."""

from pathlib import Path
from typing import Any

import pytest

from integrations.checks import check_settings
from tests.loading import KEY, Load, refusal
from tests.pictures import JPEG, PNG

TEXTS = {
    "VENDOR_ACCENT": "#FFcc00",
    "SUPPORT_EMAIL": "help@northwind.example",
    "SUPPORT_URL": "https://help.northwind.example/?from=dashboard",
    "PRIVACY_URL": "http://localhost:8000/privacy",
    "IMPRINT_URL": "https://www.northwind.example/imprint#top",
    "PRODUCT_URL": "https://www.northwind.example",
}
PICTURES = ("VENDOR_LOGO", "VENDOR_LOGO_DARK", "VENDOR_ICON")


def test_nothing_is_set_by_default(load: Load) -> None:
    found = load(**KEY)
    assert [found[name] for name in TEXTS] == [""] * len(TEXTS)
    assert [found[name] for name in PICTURES] == [b""] * len(PICTURES)
    assert found["EMBED_FONTS"] == {}


def test_what_is_set_is_read(load: Load, tmp_path: Path) -> None:
    path = tmp_path / "logo.png"
    path.write_bytes(PNG)
    found = load(**KEY, **TEXTS, **dict.fromkeys(PICTURES, str(path)))
    assert {name: found[name] for name in TEXTS} == TEXTS | {"VENDOR_ACCENT": "#ffcc00"}
    assert [found[name] for name in PICTURES] == [PNG] * len(PICTURES)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("VENDOR_ACCENT", "yellow"),
        ("VENDOR_ACCENT", "#fc0"),
        ("SUPPORT_EMAIL", "help"),
        ("SUPPORT_URL", "javascript:alert(1)"),
        ("PRIVACY_URL", "/privacy"),
        ("IMPRINT_URL", "ftp://northwind.example"),
        ("PRODUCT_URL", "https://northwind.example/ x"),
        ("VENDOR_LOGO", "/nowhere/logo.png"),
        ("VENDOR_ICON", "/"),
        ("EMBED_FONTS", "Inter"),
        ("EMBED_FONTS", "Inter=http://cdn.example/inter.woff2"),
        ("EMBED_FONTS", "Inter=https://cdn.example/inter.css"),
        ("EMBED_FONTS", "Inter=https://cdn.example/a.woff2;script-src *"),
        ("EMBED_FONTS", "In'ter=https://cdn.example/inter.woff2"),
    ],
)
def test_a_bad_value_stops_the_start(load: Load, name: str, value: str) -> None:
    assert f"{name} must be " in refusal(load, **KEY, **{name: value})


@pytest.mark.parametrize("content", [b"", b"x" * (256 * 1024 + 1)])
def test_a_file_of_no_bytes_or_too_many_stops_it(
    load: Load, tmp_path: Path, content: bytes
) -> None:
    path = tmp_path / "logo.png"
    path.write_bytes(content)
    assert "VENDOR_LOGO must be " in refusal(load, **KEY, VENDOR_LOGO=str(path))


def test_fonts_are_read_by_name(load: Load) -> None:
    fonts = (
        "Inter=https://cdn.example/inter.woff2, My Font 2=https://cdn.example:8443/a/b%20c.woff2"
    )
    assert load(**KEY, EMBED_FONTS=fonts)["EMBED_FONTS"] == {
        "Inter": "https://cdn.example/inter.woff2",
        "My Font 2": "https://cdn.example:8443/a/b%20c.woff2",
    }


@pytest.mark.parametrize("name", PICTURES)
@pytest.mark.parametrize("content", [JPEG, b"<svg><script/></svg>", PNG[:-1]])
def test_what_is_no_picture_is_an_error_by_name(settings: Any, name: str, content: bytes) -> None:
    setattr(settings, name, PNG)
    assert not [one for one in check_settings() if one.id == "integrations.E011"]
    setattr(settings, name, content)
    [error] = [one for one in check_settings() if one.id == "integrations.E011"]
    assert error.msg.startswith(f"{name} is no picture")
