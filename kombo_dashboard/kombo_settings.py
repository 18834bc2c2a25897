"""The Kombo environments, as the variables of each say, for `settings.py` alone."""

from typing import Any

from kombo_dashboard import env

# Source: https://docs.kombo.dev and the official SDKs' server lists.
REGIONS = {
    "eu": "https://api.kombo.dev/v1",
    "us": "https://api.us.kombo.dev/v1",
    "ca": "https://api.ca.kombo.dev/v1",
}


def _environment(name: str) -> dict[str, Any]:
    """One Kombo environment; the one called `production` has the unprefixed variables."""
    prefix = "KOMBO_" if name == "production" else f"KOMBO_{name.upper()}_"
    region = env.choice(f"{prefix}REGION", REGIONS, "eu")
    return {
        "API_URL": env.url(f"{prefix}API_URL", REGIONS[region]),
        "API_KEY": env.secret(f"{prefix}API_KEY"),
        "WEBHOOK_SECRETS": env.secrets(f"{prefix}WEBHOOK_SECRET"),
        "CALLS_PER_SECOND": env.whole_number(f"{prefix}CALLS_PER_SECOND", 5, low=1, high=1000),
        # What a customer who connects a tool finds in Kombo Connect.
        "SCOPE_CONFIG_ID": env.text(f"{prefix}SCOPE_CONFIG_ID"),
        "ENABLE_FILTERING": env.flag(f"{prefix}ENABLE_FILTERING"),
        "ENABLE_FIELD_MAPPING": env.flag(f"{prefix}ENABLE_FIELD_MAPPING"),
    }


def environments() -> dict[str, dict[str, Any]]:
    """Return every Kombo environment by its name."""
    names = env.items("KOMBO_ENVIRONMENTS", "production")
    if len(set(names)) != len(names) or not all(
        name.isascii() and name.isidentifier() and name.islower() for name in names
    ):
        raise env.refuse(
            "KOMBO_ENVIRONMENTS", "distinct lower-case names separated by commas: production,us"
        )
    return {name: _environment(name) for name in names}
