"""`manage.py embed_token` and `manage.py revoke_embed_sessions`."""

from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from integrations.access import embed_sessions
from integrations.models import Tenant
from tests.embed import SECRET, token, turn_on


@pytest.fixture(autouse=True)
def on(settings: Any, acme: Tenant, bolt: Tenant) -> None:
    turn_on(settings)


def run(name: str, *options: str) -> str:
    output = StringIO()
    call_command(name, *options, stdout=output)
    return output.getvalue()


@pytest.mark.parametrize(("options", "may_repair"), [([], True), (["--view-only"], False)])
def test_a_token_to_try_an_embed_out(options: list[str], may_repair: bool, acme: Tenant) -> None:
    printed = run("embed_token", "--tenant", "acme", *options)
    guest = embed_sessions.exchange(printed.strip()).guest
    assert (guest.tenant, guest.may_repair) == (acme, may_repair)
    assert printed.count("\n") == 1
    assert SECRET not in printed


def test_there_is_no_token_for_nobody() -> None:
    with pytest.raises(CommandError, match="No customer has the origin ID “nobody”"):
        run("embed_token", "--tenant", "nobody")
    with pytest.raises(CommandError, match="--tenant"):
        run("embed_token")


def test_there_is_no_token_while_embedding_is_off(settings: Any) -> None:
    settings.EMBED_ORIGINS, settings.EMBED_SECRETS = [], {}
    with pytest.raises(CommandError, match="set EMBED_ORIGINS and EMBED_SECRETS"):
        run("embed_token", "--tenant", "acme")


def alive(keys: dict[str, str]) -> list[str]:
    return [name for name, key in keys.items() if embed_sessions.guest_of(key)]


def test_sessions_of_one_tenant_or_of_all_are_ended() -> None:
    keys = {name: embed_sessions.exchange(token(sub=name)).key for name in ("acme", "bolt")}
    with pytest.raises(CommandError, match="nobody"):
        run("revoke_embed_sessions", "--tenant", "nobody")
    assert alive(keys) == ["acme", "bolt"]
    assert run("revoke_embed_sessions", "--tenant", "acme") == "1 session ended.\n"
    assert alive(keys) == ["bolt"]
    assert run("revoke_embed_sessions") == "1 session ended.\n"
    assert alive(keys) == []
    assert run("revoke_embed_sessions") == "0 sessions ended.\n"


def test_an_empty_name_does_not_end_everybodys() -> None:
    keys = {"acme": embed_sessions.exchange(token()).key}
    with pytest.raises(CommandError):
        run("revoke_embed_sessions", "--tenant", "")
    assert alive(keys) == ["acme"]
