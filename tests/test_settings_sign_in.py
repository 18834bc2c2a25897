"""Settings of signing in by other means than a password, and that without them nothing is there."""

import re
from pathlib import Path
from typing import Any

import pytest

from integrations.checks import check_settings
from kombo_dashboard import sign_in_settings
from tests import forking
from tests.identity_provider import IdentityProvider, running
from tests.loading import KEY, Load, refusal

SECRET = "the-secret-of-a-client"
GIVEN = {
    "SSO_ISSUER": "https://login.example.com/tenant/",
    "SSO_CLIENT_ID": "dashboard",
    "SSO_CLIENT_SECRET": SECRET,
    "SSO_ROLES": "Dashboard admins = administrator, cn=staff=lead,viewers=viewer",
}


@pytest.fixture
def without_packages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sign_in_settings, "is_installed", lambda: False)


def test_a_provider_is_read_from_the_settings(load: Load) -> None:
    sso = load(**KEY, **GIVEN, SSO_TENANTS="customers", SSO_TENANT_ROLE="member")["SSO"]
    assert (sso.issuer, sso.client_id) == ("https://login.example.com/tenant", "dashboard")
    assert sso.roles == {
        "Dashboard admins": "administrator",
        "cn=staff": "lead",
        "viewers": "viewer",
    }
    assert (sso.tenants_claim, sso.member_role) == ("customers", "member")
    assert (sso.name, sso.groups_claim, sso.trusts_addresses) == ("SSO", "groups", False)
    assert sso.scopes == ("openid", "email", "profile")
    assert SECRET not in repr(sso)


def test_its_secret_may_be_in_a_file(load: Load, tmp_path: Path) -> None:
    file = tmp_path / "secret"
    file.write_text(f"{SECRET}\n")
    given = {name: value for name, value in GIVEN.items() if name != "SSO_CLIENT_SECRET"}
    settings = load(**KEY, **given, SSO_CLIENT_SECRET_FILE=str(file))
    assert settings["SSO"].client_secret == SECRET


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SSO_ISSUER", "login.example.com"),
        ("SSO_ROLES", "staff"),
        ("SSO_ROLES", "staff=king"),
        ("SSO_ROLES", "=viewer"),
        ("SSO_ROLES", "a=viewer,a=lead"),
        ("SSO_TENANTS", "two words"),
        ("SSO_TENANT_ROLE", "owner"),
        ("SSO_TRUST_EMAIL", "perhaps"),
        ("STAFF_MFA", "perhaps"),
        ("REAUTHENTICATION_MINUTES", "1441"),
    ],
)
def test_wrong_values_are_refused_by_name(load: Load, name: str, value: str) -> None:
    said = refusal(load, **KEY, **(GIVEN | {name: value}))
    assert f"{name} must be " in said
    assert SECRET not in said


@pytest.mark.parametrize("name", ["SSO_CLIENT_ID", "SSO_CLIENT_SECRET", "SSO_ROLES"])
def test_what_is_missing_is_named(load: Load, name: str) -> None:
    given = {one: value for one, value in GIVEN.items() if one != name}
    assert f"SSO_ISSUER needs {name}" in refusal(load, **KEY, **given)


@pytest.mark.parametrize("name", ["SSO_ISSUER", "SSO_ONLY"])
def test_a_part_of_it_is_not_enough(load: Load, name: str) -> None:
    given = {"SSO_ONLY": "1"} if name == "SSO_ONLY" else {"SSO_CLIENT_ID": "dashboard"}
    assert "SSO_ISSUER must be set" in refusal(load, **KEY, **given)


def test_with_the_packages_a_second_factor_is_offered(load: Load) -> None:
    settings = load(**KEY)
    assert (settings["STAFF_MFA"], settings["SSO"]) == ("offered", None)
    assert "allauth.mfa" in settings["INSTALLED_APPS"]
    assert settings["REAUTHENTICATION_MINUTES"] == 15


@pytest.mark.usefixtures("without_packages")
def test_without_the_packages_nothing_changes(load: Load) -> None:
    settings = load(**KEY)
    assert (settings["STAFF_MFA"], settings["USES_ALLAUTH"]) == ("off", False)
    assert not [name for name in settings["INSTALLED_APPS"] if "allauth" in name]
    assert not [name for name in settings["MIDDLEWARE"] if "allauth" in name]


@pytest.mark.usefixtures("without_packages")
@pytest.mark.parametrize("variables", [GIVEN, {"STAFF_MFA": "required"}])
def test_without_the_packages_it_is_said_which(load: Load, variables: dict[str, str]) -> None:
    said = refusal(load, **KEY, **variables)
    assert "needs more packages: pip install --require-hashes -r requirements-sso.txt" in said


NOTHING_OF_IT = """
import sys, django
django.setup()
from django.apps import apps
from django.test import Client
from django.urls import get_resolver
from django.core.management import call_command
import integrations.worker
call_command("migrate", verbosity=0)
assert Client().get("/account/login/").status_code == 200
assert Client().get("/account/security/").status_code == 404
found = [name for name in sys.modules if name.partition(".")[0] in {"allauth", "fido2", "qrcode"}]
assert not found, found
assert not apps.is_installed("allauth.mfa")
"""


def test_where_it_is_off_nothing_of_it_is_imported(tmp_path: Path) -> None:
    environment = {
        **KEY,
        "STAFF_MFA": "off",
        "INSECURE_HTTP": "1",
        "ALLOWED_HOSTS": "testserver",
        "DATABASE_URL": "sqlite:///:memory:",
        "DJANGO_SETTINGS_MODULE": "kombo_dashboard.settings",
    }
    output = tmp_path / "output"
    process = forking.run(forking.execute, NOTHING_OF_IT, environment=environment, output=output)
    assert process.wait() == 0, process.output


def said(settings: Any, provider: IdentityProvider, **changes: Any) -> list[str]:
    settings.SSO = provider.settings(**changes)
    return [str(one.id) for one in check_settings() if re.search("SSO_", one.msg)]


def test_a_provider_over_plain_http_is_an_error(settings: Any) -> None:
    with running() as provider:
        assert said(settings, provider, issuer="http://login.example.com") == ["integrations.E013"]
        assert said(settings, provider) == [], "on this machine it may be"
        settings.SSO_ONLY = True
        assert said(settings, provider, roles={"a": "viewer"}) == ["integrations.W003"]
        assert said(settings, provider) == []
