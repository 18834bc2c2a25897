"""All configuration, read once from the environment; the README's table lists every variable.

Defaults are the safe ones. A wrong value stops the start with the variable's name and what it
should look like.
"""

import sys
from collections.abc import MutableMapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import quote

from django.core.exceptions import ImproperlyConfigured

from kombo_dashboard import (
    database_settings,
    env,
    kombo_settings,
    log_settings,
    mail_settings,
    session_settings,
    sign_in_settings,
)

BASE_DIR = Path(__file__).resolve().parent.parent

# --- Who and where we are -------------------------------------------------------------------------

DEBUG = env.flag("DEBUG")
SECRET_KEY = env.secret("SECRET_KEY")
if not SECRET_KEY:
    raise ImproperlyConfigured(
        "SECRET_KEY must be set to a long random text. Make one with: "
        "python3 -c 'import secrets; print(secrets.token_urlsafe(50))'"
    )
SECRET_KEY_FALLBACKS = env.secrets("SECRET_KEY_FALLBACKS")
ALLOWED_HOSTS = env.served_hosts("ALLOWED_HOSTS", "localhost,127.0.0.1,[::1]")
CSRF_TRUSTED_ORIGINS = env.origins("CSRF_TRUSTED_ORIGINS", wildcard=True)
VENDOR_NAME = env.text("VENDOR_NAME", "Your provider")
# Each of these can be changed in the workspace, too: `integrations.workspace.identity`.
VENDOR_LOGO = env.picture("VENDOR_LOGO")
VENDOR_LOGO_DARK = env.picture("VENDOR_LOGO_DARK")
VENDOR_ICON = env.picture("VENDOR_ICON")
VENDOR_ACCENT = env.colour("VENDOR_ACCENT")
SUPPORT_EMAIL = env.email("SUPPORT_EMAIL")
SUPPORT_URL = env.web_address("SUPPORT_URL")
PRIVACY_URL = env.web_address("PRIVACY_URL")
IMPRINT_URL = env.web_address("IMPRINT_URL")
PRODUCT_URL = env.web_address("PRODUCT_URL")
SECURITY_CONTACT = env.contacts("SECURITY_CONTACT")
SECURITY_POLICY_URL = env.web_address("SECURITY_POLICY_URL")
TRUSTED_PROXY_COUNT = env.whole_number("TRUSTED_PROXY_COUNT", 0, low=0, high=10)
INSECURE_HTTP = env.flag("INSECURE_HTTP")
HSTS_WHOLE_DOMAIN = env.flag("HSTS_WHOLE_DOMAIN")
_host = "localhost" if ALLOWED_HOSTS[0] == "*" else ALLOWED_HOSTS[0].lstrip(".")
SITE_URL = env.url("SITE_URL", f"http{'' if INSECURE_HTTP else 's'}://{_host}")
SITE_URL_IS_KNOWN = bool(env.text("SITE_URL")) or _host not in {"localhost", "127.0.0.1", "[::1]"}

# --- Kombo ----------------------------------------------------------------------------------------

KOMBO_REGIONS = kombo_settings.REGIONS
KOMBO_ENVIRONMENTS = kombo_settings.environments()
KOMBO_CONNECT_ORIGINS = env.origins("KOMBO_CONNECT_ORIGINS", "https://connect.kombo.dev")
KOMBO_LOGO_HOSTS = env.hosts("KOMBO_LOGO_HOSTS", "storage.googleapis.com")
CONNECT_CATEGORIES = env.some_of(
    "CONNECT_CATEGORIES", ("HRIS", "ATS", "ASSESSMENT", "LMS"), "HRIS,ATS,ASSESSMENT,LMS"
)
CONNECT_ENVIRONMENT = env.choice(
    "CONNECT_ENVIRONMENT", tuple(KOMBO_ENVIRONMENTS), next(iter(KOMBO_ENVIRONMENTS))
)
WORKS_WITH = env.flag("WORKS_WITH")
EMBED_ORIGINS = env.origins("EMBED_ORIGINS", wildcard=True)
EMBED_SECRETS = env.keyed_secrets("EMBED_SECRETS", shortest=32)
EMBED_CREATES_TENANTS = env.flag("EMBED_CREATES_TENANTS")
EMBED_FONTS = env.fonts("EMBED_FONTS")
if bool(EMBED_ORIGINS) != bool(EMBED_SECRETS):
    raise ImproperlyConfigured("Embedding needs both EMBED_ORIGINS and EMBED_SECRETS, or neither.")
SNAPSHOT_MAX_AGE = env.whole_number("SNAPSHOT_MAX_AGE", 60, low=1, high=86_400)
WORKER_MAX_AGE = env.whole_number("WORKER_MAX_AGE", 900, low=10, high=86_400)
WORKER_THREADS = env.whole_number("WORKER_THREADS", 16, low=1, high=200)
AUDIT_RETENTION_DAYS = env.whole_number("AUDIT_RETENTION_DAYS", 730, low=90, high=3650)
EVENT_RETENTION_DAYS = env.whole_number("EVENT_RETENTION_DAYS", 30, low=2, high=3650)
FAILED_EVENT_RETENTION_DAYS = env.whole_number("FAILED_EVENT_RETENTION_DAYS", 90, low=2, high=3650)
DISMISSED_RETENTION_DAYS = env.whole_number("DISMISSED_RETENTION_DAYS", 365, low=30, high=3650)
HISTORY_RETENTION_DAYS = env.whole_number("HISTORY_RETENTION_DAYS", 400, low=90, high=3650)
REMINDERS = env.delays("REMINDERS", "1h 3d 7d 14d")
REMINDER_QUIET_HOURS = env.quiet_hours("REMINDER_QUIET_HOURS", "20-8")
REMINDER_CAP = env.whole_number("REMINDER_CAP", 4, low=0, high=10)
CUSTOMER_SYNC = env.flag("CUSTOMER_SYNC", default=True)
CUSTOMER_DISCONNECT = env.flag("CUSTOMER_DISCONNECT", default=True)
DIGEST_HOUR = env.whole_number("DIGEST_HOUR", 8, low=0, high=23)

# --- Monitoring -----------------------------------------------------------------------------------

METRICS_TOKENS = env.secrets("METRICS_TOKEN")
METRICS_ADDRESSES = env.networks("METRICS_ADDRESSES")
METRICS_ON = bool(METRICS_TOKENS or METRICS_ADDRESSES)
if METRICS_ON and not find_spec("prometheus_client"):
    raise ImproperlyConfigured(
        "METRICS_TOKEN and METRICS_ADDRESSES need prometheus_client, which the extra `metrics` "
        "installs."
    )

# --- Django ---------------------------------------------------------------------------------------

INSTALLED_APPS = [
    "integrations",  # first: its `test` command and templates come before Django's
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "django_htmx",
]
MIDDLEWARE = [
    "integrations.middleware.request_id",
    "integrations.middleware.forwarded_proto",
    "integrations.middleware.private_headers",
    # Outermost, so that the error pages of the others carry them too.
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django.middleware.csp.ContentSecurityPolicyMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "integrations.middleware.embed_frame",
    "integrations.middleware.preview",
    "integrations.middleware.refuse_large_bodies",
    "integrations.middleware.refuse_nul_cookies",
    "django.middleware.gzip.GZipMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "integrations.middleware.HostMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "integrations.middleware.account_session",
    "django_htmx.middleware.HtmxMiddleware",
    "integrations.middleware.SignInRequiredMiddleware",
    "integrations.middleware.RefuseNulMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
]
ROOT_URLCONF = "kombo_dashboard.urls"
WSGI_APPLICATION = "kombo_dashboard.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "integrations.views.context_processors.vendor",
            ],
            "builtins": [
                "integrations.templatetags.icons",
                "integrations.templatetags.names",
            ],
        },
    }
]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- Signing in -----------------------------------------------------------------------------------

SSO = sign_in_settings.provider()
SSO_ONLY = env.flag("SSO_ONLY")
STAFF_MFA = sign_in_settings.second_factor()
REAUTHENTICATION_MINUTES = env.whole_number("REAUTHENTICATION_MINUTES", 15, low=0, high=1440)
USES_ALLAUTH = bool(SSO) or STAFF_MFA != "off"
if USES_ALLAUTH:
    # First, so that what they register in the administration can be taken out again.
    INSTALLED_APPS = [*sign_in_settings.APPS, *INSTALLED_APPS]
    MIDDLEWARE += sign_in_settings.MIDDLEWARE
    globals().update(sign_in_settings.of_the_packages())


# Of a process: one for each of the worker's threads, and some for its mails, tasks and count.
_least = max(WORKER_THREADS, len(KOMBO_ENVIRONMENTS)) + 4
DATABASE_CONNECTIONS = env.whole_number(
    "DATABASE_CONNECTIONS", max(20, _least), low=_least, high=500
)
DATABASES = {
    "default": database_settings.of(
        "DATABASE_URL",
        default=f"sqlite:///{quote(str(BASE_DIR / 'db.sqlite3'))}",
        connections=DATABASE_CONNECTIONS,
    )
}

AUTH_PASSWORD_VALIDATORS: list[dict[str, Any]] = [
    {"NAME": f"django.contrib.auth.password_validation.{validator}", "OPTIONS": options}
    for validator, options in (
        ("UserAttributeSimilarityValidator", {}),
        ("MinimumLengthValidator", {"min_length": 12}),
        ("CommonPasswordValidator", {}),
    )
]
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "login"

# Kombo Connect's own five languages, so that a customer reads one language all the way through.
LANGUAGES = [
    ("en", "English"),
    ("de", "Deutsch"),
    ("fr", "Français"),
    ("es", "Español"),
    ("it", "Italiano"),
]
LANGUAGE_CODE = env.choice("DEFAULT_LANGUAGE", dict(LANGUAGES), "en")
LOCALE_PATHS = [BASE_DIR / "locale"]
FORMAT_MODULE_PATH = "kombo_dashboard.formats"
TIME_ZONE = env.time_zone("TIME_ZONE", "UTC")
USE_TZ = True
USE_I18N = True

EMAIL_HOST_NAME = env.text("EMAIL_HOST")
MAIL_TIMEOUT = env.whole_number("EMAIL_TIMEOUT", 60, low=1, high=600)
MAILERS = mail_settings.mailers(EMAIL_HOST_NAME, MAIL_TIMEOUT)
DEFAULT_FROM_EMAIL = env.text("DEFAULT_FROM_EMAIL", "integrations@localhost")

# --- Static files ---------------------------------------------------------------------------------

STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_ROOT = Path(env.text("STATIC_ROOT", str(BASE_DIR / "staticfiles")))
WHITENOISE_ALLOW_ALL_ORIGINS = False


def WHITENOISE_ADD_HEADERS_FUNCTION(headers: MutableMapping[str, str], path: str, url: str) -> None:  # noqa: N802
    """The loader is for other origins' pages; nothing else is."""
    if Path(path).match("js/embed/loader*.js"):
        headers["Access-Control-Allow-Origin"] = "*"
        headers["Cross-Origin-Resource-Policy"] = "cross-origin"


WHITENOISE_KEEP_ONLY_HASHED_FILES = True
# Until `collectstatic` has run, files are served from where they lie: slower, but a page never
# breaks over it.
STATIC_IS_COLLECTED = (STATIC_ROOT / "staticfiles.json").exists() or sys.argv[1:2] in (
    ["collectstatic"],
    ["demo"],
)
WHITENOISE_USE_FINDERS = not STATIC_IS_COLLECTED
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "kombo_dashboard.static_files.SiteStaticFilesStorage"
        if STATIC_IS_COLLECTED
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}

# --- Security -------------------------------------------------------------------------------------

SECURE_CSP: dict[str, list[str]] = {
    "default-src": ["'none'"],
    "script-src": ["'self'"],
    "style-src": ["'self'"],
    "img-src": ["'self'"],
    "font-src": ["'self'"],
    "connect-src": ["'self'"],
    "form-action": ["'self'"],
    "base-uri": ["'none'"],
    "frame-ancestors": ["'none'"],
}
X_FRAME_OPTIONS = "DENY"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin-allow-popups"
SECURE_REFERRER_POLICY = "same-origin"
DEFAULT_EXCEPTION_REPORTER = "integrations.views.debug.Reporter"
DEFAULT_EXCEPTION_REPORTER_FILTER = "integrations.views.debug.NoValues"
CSRF_FAILURE_VIEW = "integrations.views.errors.csrf_failure"
CSRF_COOKIE_HTTPONLY = LANGUAGE_COOKIE_HTTPONLY = True
LANGUAGE_COOKIE_SAMESITE = "Lax"
SESSION_ENGINE = "integrations.access.session_store"
SESSION_LIMITS = session_settings.of_customers()
STAFF_SESSION_LIMITS = session_settings.of_staff()
# No cookie outlives its session, which the server ends: `integrations.access.account_sessions`.
SESSION_COOKIE_AGE = int(
    max(SESSION_LIMITS.absolute, STAFF_SESSION_LIMITS.absolute).total_seconds()
)
if not INSECURE_HTTP:
    SECURE_SSL_REDIRECT = True
    SECURE_REDIRECT_EXEMPT = [r"^(healthz|readyz)/?$", *([r"^metrics$"] if METRICS_ON else [])]
    SECURE_HSTS_SECONDS = 365 * 24 * 3600
    SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = HSTS_WHOLE_DOMAIN
    if not HSTS_WHOLE_DOMAIN:  # which is a choice, and no oversight
        SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021"]
    SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = True
    SESSION_COOKIE_NAME = "__Host-session"
    CSRF_COOKIE_NAME = "__Host-csrf"
    if TRUSTED_PROXY_COUNT:
        SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

LOGGING = log_settings.logging(
    env.choice("LOG_LEVEL", ("DEBUG", "INFO", "WARNING", "ERROR"), "INFO"),
    env.choice("LOG_FORMAT", log_settings.FORMATS, "text"),
)
