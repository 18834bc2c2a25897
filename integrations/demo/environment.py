"""The demo's settings: everything on loopback and in one folder, nothing from the surrounding
environment.
"""

import argparse
import os
import secrets
import socket
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import quote

PROJECT = Path(__file__).resolve().parent.parent.parent
BRAND = Path(__file__).resolve().parent / "brand"  # a made-up vendor's logo
API_KEY = "ks_dev_demo"
WEBHOOK_SECRET = "demo-webhook-secret"  # noqa: S105 - signs what a simulator on loopback makes up
HOST = "127.0.0.1"
# Nobody waits an hour to see one.
REMINDED = {
    "REMINDERS": "2m 1d 3d 7d",
    "REMINDER_QUIET_HOURS": "none",
}
# What the settings read, beside all that begins with KOMBO_ or EMAIL_.
SETTINGS = {
    "ALLOWED_HOSTS",
    "AUDIT_RETENTION_DAYS",
    "CSRF_TRUSTED_ORIGINS",
    "DATABASE_CONNECTIONS",
    "DATABASE_URL",
    "CUSTOMER_DISCONNECT",
    "CUSTOMER_SYNC",
    "DEBUG",
    "DEFAULT_FROM_EMAIL",
    "DEFAULT_LANGUAGE",
    "DIGEST_HOUR",
    "EMBED_FONTS",
    "EMBED_CREATES_TENANTS",
    "CONNECT_CATEGORIES",
    "CONNECT_ENVIRONMENT",
    "EMBED_ORIGINS",
    "EMBED_SECRETS",
    "EVENT_RETENTION_DAYS",
    "FAILED_EVENT_RETENTION_DAYS",
    "DISMISSED_RETENTION_DAYS",
    "HISTORY_RETENTION_DAYS",
    "HSTS_WHOLE_DOMAIN",
    "IMPRINT_URL",
    "INSECURE_HTTP",
    "LOG_FORMAT",
    "LOG_LEVEL",
    "METRICS_ADDRESSES",
    "METRICS_TOKEN",
    "PRIVACY_URL",
    "PRODUCT_URL",
    "REMINDERS",
    "REMINDER_CAP",
    "REMINDER_QUIET_HOURS",
    "REAUTHENTICATION_MINUTES",
    "SECRET_KEY",
    "SECRET_KEY_FALLBACKS",
    "SECURITY_CONTACT",
    "SECURITY_POLICY_URL",
    "SESSION_ABSOLUTE_HOURS",
    "SESSION_IDLE_MINUTES",
    "SITE_URL",
    "SNAPSHOT_MAX_AGE",
    "SSO_CLIENT_ID",
    "SSO_CLIENT_SECRET",
    "SSO_GROUPS_CLAIM",
    "SSO_ISSUER",
    "SSO_NAME",
    "SSO_ONLY",
    "SSO_ROLES",
    "SSO_SCOPES",
    "SSO_TENANTS",
    "SSO_TENANT_ROLE",
    "SSO_TRUST_EMAIL",
    "STAFF_MFA",
    "STAFF_SESSION_ABSOLUTE_HOURS",
    "STAFF_SESSION_IDLE_MINUTES",
    "STATIC_ROOT",
    "SUPPORT_EMAIL",
    "SUPPORT_URL",
    "TIME_ZONE",
    "TRUSTED_PROXY_COUNT",
    "VENDOR_ACCENT",
    "VENDOR_ICON",
    "VENDOR_LOGO",
    "VENDOR_LOGO_DARK",
    "VENDOR_NAME",
    "WORKER_MAX_AGE",
    "WORKER_THREADS",
    "WORKS_WITH",
}


def parser() -> argparse.ArgumentParser:
    """The demo's own options, shared with its management command."""
    options = argparse.ArgumentParser(add_help=False)
    add_options(options)
    return options


def add_options(options: argparse.ArgumentParser) -> None:
    options.add_argument(
        "--port", type=int, default=None, help="Port of the site (default: 8000, or the next free)."
    )
    options.add_argument("--fresh", action="store_true", help="Forget earlier data and begin anew.")
    options.add_argument(
        "--folder",
        type=Path,
        default=PROJECT / ".demo",
        help="Where the demo keeps its data (default: .demo).",
    )
    options.add_argument(
        "--no-worker",
        action="store_true",
        help="Check only what somebody looks at, and do nothing by itself.",
    )


def prepare(arguments: Sequence[str]) -> None:
    """Set the environment variables that the settings will read."""
    chosen, _others = parser().parse_known_args(arguments)
    port = chosen.port or free_port(8000)
    simulator_port = free_port(port + 1)
    host_port = free_port(simulator_port + 1)
    folder = chosen.folder.resolve()
    folder.mkdir(parents=True, exist_ok=True)
    simulator = f"http://{HOST}:{simulator_port}"
    forget_settings()
    os.environ |= {
        "DJANGO_SETTINGS_MODULE": "kombo_dashboard.settings",
        "SECRET_KEY": _secret_key(folder / "secret-key"),
        "DATABASE_URL": f"sqlite:///{quote(str(folder / 'demo.sqlite3'))}",
        "STATIC_ROOT": str(folder / "static"),
        "INSECURE_HTTP": "1",
        "SITE_URL": f"http://{HOST}:{port}",
        "VENDOR_NAME": "Northwind",
        "VENDOR_LOGO": str(BRAND / "logo.png"),
        "VENDOR_LOGO_DARK": str(BRAND / "logo-dark.png"),
        "VENDOR_ICON": str(BRAND / "icon.svg"),
        "SUPPORT_EMAIL": "support@northwind.example",
        "PRIVACY_URL": "https://www.northwind.example/privacy",
        "IMPRINT_URL": "https://www.northwind.example/imprint",
        "PRODUCT_URL": "https://www.northwind.example/",
        # The console is for links; what the simulator breaks shows on the pages.
        "LOG_LEVEL": "ERROR",
        "EMAIL_HOST": "console",
        **REMINDED,
        "KOMBO_API_KEY": API_KEY,
        "KOMBO_WEBHOOK_SECRET": WEBHOOK_SECRET,
        # Another site than 127.0.0.1, also for a browser.
        "EMBED_ORIGINS": f"http://localhost:{host_port}",
        "EMBED_SECRETS": f"demo:{secrets.token_urlsafe(30)}",
        "KOMBO_API_URL": f"{simulator}/v1",
        "KOMBO_CONNECT_ORIGINS": simulator,
        "KOMBO_ENABLE_FIELD_MAPPING": "1",
        "WORKS_WITH": "1",
        "KOMBO_LOGO_HOSTS": f"{HOST}:{simulator_port}",
        "DEMO_PORT": str(port),
        "DEMO_SIMULATOR_PORT": str(simulator_port),
        "DEMO_HOST_PORT": str(host_port),
    }


def free_port(first: int) -> int:
    """The first port from `first` on that nothing listens on."""
    for port in range(first, min(first + 200, 65_536)):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((HOST, port))
            except OSError:
                continue
        return port
    raise SystemExit(f"No free port from {first} on.")


def forget_settings() -> None:
    """Drop every variable of ours: a demo or a test in a shell set up for production must not touch
    production.
    """
    for name in list(os.environ):
        if name.removesuffix("_FILE") in SETTINGS or name.startswith(("KOMBO_", "EMAIL_")):
            del os.environ[name]


def _secret_key(path: Path) -> str:
    """A key of this demo's own, kept so that a restart does not sign everybody out."""
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text(secrets.token_urlsafe(50))
    return path.read_text()
