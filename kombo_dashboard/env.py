"""Strict readers of environment variables, for `settings.py` alone.

Each reader takes the variable's name and answers a checked value, or raises `ImproperlyConfigured`
naming the variable and what it should look like, never what it held: it may be a secret.
"""

import os
import re
from collections.abc import Mapping
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from zoneinfo import ZoneInfo

from django.core.exceptions import ImproperlyConfigured, ValidationError
from django.core.validators import URLValidator, validate_email

# scheme://host[:port], nothing after: what a CSP source or an Origin header may be compared with.
ORIGIN = re.compile(r"https?://[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?(?::\d{1,5})?", re.IGNORECASE)
HOST = re.compile(r"[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?(?::\d{1,5})?", re.IGNORECASE)
LARGEST_PICTURE = 256 * 1024  # bytes
_TRUE = {"1", "true", "yes", "on"}
_FALSE = {"0", "false", "no", "off"}


def refuse(name: str, expected: str) -> ImproperlyConfigured:
    return ImproperlyConfigured(f"{name} must be {expected}.")


def text(name: str, default: str = "") -> str:
    return os.environ.get(name, "").strip() or default


def secret(name: str) -> str:
    """A secret from NAME, or from the file that NAME_FILE names (as container platforms mount
    them).
    """
    path = text(f"{name}_FILE")
    if path and text(name):
        raise ImproperlyConfigured(f"Set {name} or {name}_FILE, not both.")
    if path:
        try:
            value = Path(path).read_text().strip()
        except (OSError, UnicodeDecodeError) as error:
            raise refuse(f"{name}_FILE", "the path of a readable text file") from error
    else:
        value = text(name)
    if not value.isascii() or not value.isprintable():
        raise refuse(name, "printable ASCII on one line")
    return value


def flag(name: str, *, default: bool = False) -> bool:
    value = text(name).lower()
    if value and value not in _TRUE | _FALSE:
        raise refuse(name, "1 or 0 (also true/false, yes/no, on/off)")
    return value in _TRUE if value else default


def whole_number(name: str, default: int, *, low: int, high: int) -> int:
    value = text(name) or str(default)
    if not re.fullmatch(r"[0-9]{1,9}", value) or not low <= int(value) <= high:
        raise refuse(name, f"a whole number from {low} to {high}")
    return int(value)


def choice(name: str, options: Mapping[str, str] | tuple[str, ...], default: str) -> str:
    value = text(name, default)
    if value not in options:
        raise refuse(name, f"one of {', '.join(options)}")
    return value


def items(name: str, default: str = "") -> list[str]:
    return [item.strip() for item in text(name, default).split(",") if item.strip()]


def some_of(name: str, options: tuple[str, ...], default: str) -> list[str]:
    """Some of the options, each once, in their own order; `none` for none of them."""
    values = items(name, default)
    if values != ["none"] and (set(values) - set(options) or len(set(values)) != len(values)):
        raise refuse(name, f"some of {', '.join(options)}, separated by commas, or none")
    return [option for option in options if option in values]


def secrets(name: str) -> list[str]:
    return [item.strip() for item in secret(name).split(",") if item.strip()]


def keyed_secrets(name: str, *, shortest: int) -> dict[str, str]:
    """Secrets by the name that signatures give: `kid:secret` pairs, separated by commas."""
    pairs = [item.partition(":")[::2] for item in secrets(name)]
    if not all(
        re.fullmatch(r"[\w.-]{1,50}", kid) and len(value) >= shortest for kid, value in pairs
    ):
        raise refuse(
            name,
            f"kid:secret pairs separated by commas, each secret of {shortest} characters or more",
        )
    if len(dict(pairs)) != len(pairs):
        raise refuse(name, "a list of different kids")
    return dict(pairs)


def served_hosts(name: str, default: str) -> list[str]:
    """As Django's ALLOWED_HOSTS has them: no port, perhaps a leading dot, an IPv6 address, or
    `*`.
    """
    pattern = re.compile(r"\*|\[[0-9a-f:.]+\]|\.?[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?", re.IGNORECASE)
    return _matching(
        name,
        default,
        pattern,
        "host names without port, separated by commas: dashboard.example.com",
    )


def time_zone(name: str, default: str) -> str:
    value = text(name, default)
    try:
        ZoneInfo(value)
    except (KeyError, ValueError, OSError):  # unknown, no name at all, a folder of names
        raise refuse(name, "the name of a time zone, such as Europe/Berlin") from None
    return value


def delays(name: str, default: str) -> str:
    """As `integrations.domain.reminder_schedule` reads them: ascending, in minutes, hours or days;
    or `off`.
    """
    value = text(name, default).lower()
    expected = "one to ten ascending delays of at most 365 days, such as 1h 3d 7d 14d, or off"
    if not re.fullmatch(r"off|[0-9]{1,4}[mhd](?: +[0-9]{1,4}[mhd]){0,9}", value):
        raise refuse(name, expected)
    minutes = [
        int(delay[:-1]) * {"m": 1, "h": 60, "d": 1440}[delay[-1]]
        for delay in value.split()
        if value != "off"
    ]
    if minutes and (minutes != sorted(set(minutes)) or not minutes[0] or minutes[-1] > 365 * 1440):
        raise refuse(name, expected)
    return value


def quiet_hours(name: str, default: str) -> str:
    """As `integrations.domain.reminder_schedule` reads them: two different hours of the day, or
    `none`.
    """
    value = text(name, default).lower()
    match = re.fullmatch(r"none|([0-9]|1[0-9]|2[0-3])-([0-9]|1[0-9]|2[0-3])", value)
    if not match or (match[1] and match[1] == match[2]):
        raise refuse(name, "two different hours from 0 to 23, such as 20-8, or none")
    return value


def hosts(name: str, default: str) -> list[str]:
    return _matching(
        name, default, HOST, "host names separated by commas, such as storage.example.com"
    )


def origins(name: str, default: str = "", *, wildcard: bool = False) -> list[str]:
    """Exact origins; with `wildcard` also `https://*.example.com`."""
    pattern = (
        re.compile(ORIGIN.pattern.replace("://", r"://(?:\*\.)?"), re.IGNORECASE)
        if wildcard
        else ORIGIN
    )
    return _matching(
        name, default, pattern, "origins separated by commas, such as https://app.example.com"
    )


def fonts(name: str) -> dict[str, str]:
    """The address of a font's file by the font's name: `Name=address` pairs, separated by
    commas.
    """
    file = re.compile(ORIGIN.pattern.replace("https?", "https") + r"/[\w.~/%-]+\.woff2", re.I)
    pairs = [[part.strip() for part in item.partition("=")[::2]] for item in items(name)]
    if not all(
        re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9 -]{0,39}", font) and file.fullmatch(address)
        for font, address in pairs
    ):
        expected = "Name=address pairs, such as Inter=https://cdn.example.com/inter.woff2"
        raise refuse(name, expected)
    return dict(pairs)


def networks(name: str) -> list[IPv4Network | IPv6Network]:
    """Networks or single addresses, separated by commas."""
    try:
        return [ip_network(item) for item in items(name)]
    except ValueError:
        expected = "networks separated by commas, such as 10.0.3.0/24, 192.0.2.7, fd00::/64"
        raise refuse(name, expected) from None


def _matching(name: str, default: str, pattern: re.Pattern[str], expected: str) -> list[str]:
    values = items(name, default)
    if not all(pattern.fullmatch(item) for item in values):
        raise refuse(name, expected)
    return [item.lower() for item in values]


def url(name: str, default: str) -> str:
    value = text(name, default).rstrip("/")
    if not re.fullmatch(ORIGIN.pattern + r"(?:/[\w.~/-]*)?", value, re.IGNORECASE):
        raise refuse(name, "a base URL without query, such as https://api.kombo.dev/v1")
    return value


def colour(name: str) -> str:
    value = text(name).lower()
    if value and not re.fullmatch(r"#[0-9a-f]{6}", value):
        raise refuse(name, "a colour as #rrggbb, such as #3b4fd8")
    return value


def web_address(name: str) -> str:
    """Of a page that people are led to, with any path and query."""
    value = text(name)
    try:
        if value:
            URLValidator(schemes=["http", "https"])(value)
    except ValidationError:
        expected = "the address of a page, such as https://www.example.com/privacy"
        raise refuse(name, expected) from None
    return value


def email(name: str) -> str:
    value = text(name)
    try:
        if value:
            validate_email(value)
    except ValidationError:
        raise refuse(name, "an email address, such as support@example.com") from None
    return value


def contacts(name: str) -> list[str]:
    """Ways to reach somebody, as URIs: email addresses and pages, which only HTTPS may serve."""
    found = []
    for value in items(name):
        try:
            if value.startswith("https://"):
                URLValidator(schemes=["https"])(value)
            else:
                validate_email(value.removeprefix("mailto:"))
                value = f"mailto:{value.removeprefix('mailto:')}"
        except ValidationError:
            expected = "email addresses or https:// addresses, separated by commas"
            raise refuse(name, expected) from None
        found.append(value)
    return found


def picture(name: str) -> bytes:
    """The content of the file that NAME names; `integrations.checks` says whether it is a picture
    that can be shown.
    """
    path = text(name)
    expected = f"the path of a readable file of at most {LARGEST_PICTURE // 1024} KB"
    try:
        content = Path(path).read_bytes() if path else b""
    except (OSError, ValueError) as error:
        raise refuse(name, expected) from error
    if (path and not content) or len(content) > LARGEST_PICTURE:
        raise refuse(name, expected)
    return content
