"""Settings that are well formed and still dangerous, by name, before anything is served.

An error keeps `migrate`, `run_worker` and the other commands from running. No message holds a
secret.
"""

import ipaddress
from collections.abc import Iterable, Iterator
from urllib.parse import urlsplit

from django.conf import settings
from django.core import checks
from django.core.checks import CheckMessage, Error

SHORTEST_KEY = 50  # characters, as Django demands and the README says
SHORTEST_WEBHOOK_SECRET = 16
SHORTEST_METRICS_TOKEN = 16
FEWEST_LETTERS = 8  # different ones: any random text of such a length has more

# Where names are given to anybody. The Public Suffix List is longer; these are what the pages of
# product teams are found below.
_SECOND_LEVEL = {
    *("ac", "co", "com", "edu", "firm", "gen", "go", "gob", "gov", "gv", "ind", "ltd", "me", "mil"),
    *("ne", "net", "nhs", "nom", "or", "org", "plc", "sch", "web"),
}
_SHARED_HOSTING = {
    *("amazonaws.com", "appspot.com", "azurewebsites.net", "cloudfront.net", "firebaseapp.com"),
    *("fly.dev", "github.io", "gitlab.io", "herokuapp.com", "netlify.app", "ngrok.app", "ngrok.io"),
    *("ngrok-free.app", "onrender.com", "pages.dev", "vercel.app", "web.app", "workers.dev"),
    *("co.com", "de.com", "eu.com", "uk.com", "us.com"),
}
_PRIVATE_NAMES = (".home.arpa", ".internal", ".local", ".localhost", ".test")


def check_settings(**_more: object) -> list[CheckMessage]:
    """Return what is wrong or doubtful about the settings."""
    checked = (_site, _keys, _secrets, _public, _plain_http, _wildcards, _pictures, _provider)
    return [message for check in checked for message in check()]


def _site() -> Iterator[CheckMessage]:
    """Mails lead to the site: whoever sends them has to say where it is, if that can't be
    guessed.
    """
    if not settings.SITE_URL_IS_KNOWN and settings.EMAIL_HOST_NAME not in {"", "console"}:
        message = f"Links in mails would begin with {settings.SITE_URL}, which leads nowhere."
        hint = "Set SITE_URL to where the site is found, such as https://integrations.example.com."
        yield Error(message, hint=hint, id="integrations.E001")


def _keys() -> Iterator[CheckMessage]:
    """Without a key nothing is asked, and each integration says that it can't be checked."""
    from integrations.upstream import gateway  # models come after the settings

    for name, environment in settings.KOMBO_ENVIRONMENTS.items():
        if not environment["API_KEY"]:
            key = gateway.key_setting(name)
            message = f"Environment “{name}” is not configured: {key} is not set."
            yield checks.Warning(message, id="integrations.W002")


def _secrets() -> Iterator[CheckMessage]:
    keys = [("SECRET_KEY", settings.SECRET_KEY)]
    keys += [("SECRET_KEY_FALLBACKS", key) for key in settings.SECRET_KEY_FALLBACKS]
    for name, key in keys:
        if _is_weak(key, SHORTEST_KEY):
            message = f"{name} can be guessed: it signs sessions, links and password resets."
            hint = (
                f"It needs {SHORTEST_KEY} random characters or more. Make one with: python3 -c "
                "'import secrets; print(secrets.token_urlsafe(50))'"
            )
            yield Error(message, hint=hint, id="integrations.E002")
    for name, environment in settings.KOMBO_ENVIRONMENTS.items():
        prefix = "KOMBO_" if name == "production" else f"KOMBO_{name.upper()}_"
        if any(
            _is_weak(secret, SHORTEST_WEBHOOK_SECRET) for secret in environment["WEBHOOK_SECRETS"]
        ):
            message = f"{prefix}WEBHOOK_SECRET can be guessed: anybody could tell us Kombo's news."
            hint = "Copy the secret that Kombo shows for the webhook, to its last character."
            yield Error(message, hint=hint, id="integrations.E003")
    if any(_is_weak(token, SHORTEST_METRICS_TOKEN) for token in settings.METRICS_TOKENS):
        message = "METRICS_TOKEN can be guessed: it opens /metrics."
        yield Error(message, hint="Use a long random text.", id="integrations.E012")
    if any(_is_weak(secret, 1) for secret in settings.EMBED_SECRETS.values()):
        message = "EMBED_SECRETS holds one that can be guessed: anybody could sign for a customer."
        yield Error(message, hint="Use a long random text.", id="integrations.E004")


def _public() -> Iterator[CheckMessage]:
    """What is for a machine of one's own does not belong on a host that others reach."""
    hosts = [*settings.ALLOWED_HOSTS, urlsplit(settings.SITE_URL).hostname or ""]
    host = next((host for host in hosts if _is_public(host)), "")
    if host and settings.DEBUG:
        message = (
            f"DEBUG shows settings and source to whoever finds an error, and {host} is public."
        )
        yield Error(message, hint="Set DEBUG=0.", id="integrations.E005")
    if host and settings.INSECURE_HTTP:
        message = f"INSECURE_HTTP sends passwords and sessions unprotected, and {host} is public."
        hint = "Set INSECURE_HTTP=0 and stand behind a proxy that speaks HTTPS."
        yield Error(message, hint=hint, id="integrations.E006")
    if not settings.INSECURE_HTTP and _is_plain(settings.SITE_URL):
        message = (
            "SITE_URL begins with http://: links in mails, which are keys, would go unprotected."
        )
        yield Error(message, hint="Begin it with https://.", id="integrations.E007")


def _plain_http() -> Iterator[CheckMessage]:
    for name, environment in settings.KOMBO_ENVIRONMENTS.items():
        if _is_plain(environment["API_URL"]):
            prefix = "KOMBO_" if name == "production" else f"KOMBO_{name.upper()}_"
            message = f"{prefix}API_URL begins with http://: the API key would go unprotected."
            yield Error(message, hint="Begin it with https://.", id="integrations.E008")
    if any(_is_plain(origin) for origin in settings.KOMBO_CONNECT_ORIGINS):
        message = "KOMBO_CONNECT_ORIGINS holds http://: customers would type credentials there."
        yield Error(message, hint="Begin each with https://.", id="integrations.E009")
    for name in ("EMBED_ORIGINS", "CSRF_TRUSTED_ORIGINS"):
        if any(_is_plain(origin) for origin in getattr(settings, name)):
            message = f"{name} holds http://: whoever is on the way can put a page of theirs there."
            yield checks.Warning(message, hint="Begin each with https://.", id="integrations.W001")


def _wildcards() -> Iterator[CheckMessage]:
    for name in ("EMBED_ORIGINS", "CSRF_TRUSTED_ORIGINS"):
        yield from _shared(
            name, (origin.partition("://*.")[2] for origin in getattr(settings, name))
        )
    dotted = (host for host in settings.ALLOWED_HOSTS if host.startswith("."))
    yield from _shared("ALLOWED_HOSTS", (host.removeprefix(".") for host in dotted))


def _pictures() -> Iterator[CheckMessage]:
    from integrations.workspace import identity  # models come after the settings

    for name in identity.PICTURE_SETTINGS.values():
        if (content := getattr(settings, name)) and not identity.picture_type(content):
            message = f"{name} is no picture that can be shown to everybody."
            hint = "Use a PNG of up to 4096 pixels a side, or an SVG of shapes alone."
            yield Error(message, hint=hint, id="integrations.E011")


def _provider() -> Iterator[CheckMessage]:
    if settings.SSO and _is_plain(settings.SSO.issuer):
        message = "SSO_ISSUER begins with http://: whoever is on the way can sign in as anybody."
        yield Error(message, hint="Begin it with https://.", id="integrations.E013")
    if settings.SSO and settings.SSO_ONLY and "administrator" not in settings.SSO.roles.values():
        message = "SSO_ONLY is set, and no group of SSO_ROLES is “administrator”."
        hint = "Name the group whose members may change everything, or nobody may."
        yield checks.Warning(message, hint=hint, id="integrations.W003")


def _shared(name: str, domains: Iterable[str]) -> Iterator[CheckMessage]:
    for domain in domains:
        host = domain.partition(":")[0]
        if host and _is_public_suffix(host):
            message = f"{name} lets in every name below {host}, which anybody can have."
            yield Error(message, hint="Name your own domain.", id="integrations.E010")


def _is_weak(secret: str, shortest: int) -> bool:
    return len(secret) < shortest or len(set(secret)) < FEWEST_LETTERS


def _is_plain(url: str) -> bool:
    parts = urlsplit(url.replace("*.", ""))
    return parts.scheme == "http" and not _is_loopback(parts.hostname or "")


def _address(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return None


def _is_loopback(host: str) -> bool:
    address = _address(host)
    return address.is_loopback if address else host == "localhost" or host.endswith(".localhost")


def _is_public(host: str) -> bool:
    """Others may reach it: not an address or a name of an inner network, and `*` is any."""
    if address := _address(host):
        return address.is_global
    return host == "*" or ("." in host.strip(".") and not host.endswith(_PRIVATE_NAMES))


def _is_public_suffix(host: str) -> bool:
    labels = host.split(".")
    if len(labels) == 1:
        return f".{host}" not in _PRIVATE_NAMES
    is_national = len(labels) == 2 and len(labels[1]) == 2 and labels[0] in _SECOND_LEVEL
    return is_national or host in _SHARED_HOSTING
