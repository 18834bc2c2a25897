"""The SMTP server that takes the emails, as the environment names it."""

from typing import Any

from kombo_dashboard import env


def mailers(host: str, timeout: int) -> dict[str, dict[str, Any]]:
    """Return Django's `MAILERS` for a server, which may take `timeout` seconds for each answer.

    Raises ImproperlyConfigured.
    """
    # For trying out: a reset link is a secret, and must not reach a real log.
    if host == "console":
        return {"default": {"BACKEND": "django.core.mail.backends.console.EmailBackend"}}
    # Port 465 speaks TLS from the first byte, all others begin in the clear.
    use_ssl = env.flag("EMAIL_USE_SSL", default=env.text("EMAIL_PORT") == "465")
    use_tls = env.flag("EMAIL_USE_TLS", default=not use_ssl)
    if use_ssl and use_tls:
        raise env.refuse("EMAIL_USE_TLS", "0 where EMAIL_USE_SSL is 1")
    options = {
        "host": host,
        "port": env.whole_number("EMAIL_PORT", 465 if use_ssl else 587, low=1, high=65_535),
        "username": env.text("EMAIL_HOST_USER"),
        "password": env.secret("EMAIL_HOST_PASSWORD"),
        "use_tls": use_tls,
        "use_ssl": use_ssl,
        "timeout": timeout,
    }
    backend = "django.core.mail.backends.smtp.EmailBackend"
    return {"default": {"BACKEND": backend, "OPTIONS": options}}
