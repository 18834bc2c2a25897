"""A copy of an access statement is as it was made, or the command says what is different."""

import json
from collections.abc import Callable
from datetime import timedelta
from io import StringIO
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse
from time_machine import TimeMachineFixture

from integrations.domain import statement
from integrations.models import Integration, Tenant
from integrations.simulator.app import Simulator
from integrations.upstream import snapshots
from tests.conftest import NOW, Connect

type Download = Callable[..., Path]


@pytest.fixture
def made(acme: Tenant, connect: Connect, clock: TimeMachineFixture) -> Integration:
    return connect(acme, coverage="everything")


@pytest.fixture
def download(
    made: Integration, alice: User, sign_in: Callable[[User], Client], tmp_path: Path
) -> Download:
    """Download today's statement to a file, as JSON or CSV."""
    client = sign_in(alice)

    def download(ending: str = "json") -> Path:
        args = [made.tenant.public_id, made.public_id]
        file = tmp_path / f"statement.{ending}"
        file.write_bytes(client.get(reverse(f"statement_{ending}", args=args)).content)
        return file

    return download


def check(file: Path) -> str:
    out = StringIO()
    call_command("check_statement", str(file), stdout=out)
    return out.getvalue()


def opt_out(made: Integration, kombo: Simulator) -> str:
    """Have the customer opt out of a field. Return the field's id."""
    details = kombo.details(made.integration_id)
    assert details
    model = details["read_models"][0]
    field = next(one for one in model["fields"] if one["is_available"])
    field |= {"is_available": False, "opted_out_by_customer": True}
    kombo.add(details)
    snapshots.revalidate(made, by_person=True)
    return f"{model['id']}.{field['id']}"


@pytest.mark.parametrize("ending", ["json", "csv"])
def test_a_copy_of_today_is_todays_statement(download: Download, ending: str) -> None:
    said = check(download(ending))
    assert "The content matches its digest" in said
    assert "It says the same as today's statement." in said
    assert "It is the statement of 2026-11-20." in said


@pytest.mark.parametrize("ending", ["json", "csv"])
def test_a_copy_that_was_changed_is_found_out(download: Download, ending: str) -> None:
    file = download(ending)
    file.write_text(file.read_text().replace("opted_out", "available", 1))
    with pytest.raises(CommandError, match="The content was changed"):
        check(file)


def test_an_old_copy_is_still_that_days_statement(
    download: Download, made: Integration, kombo: Simulator, clock: TimeMachineFixture
) -> None:
    file = download()
    clock.move_to(NOW + timedelta(days=3))
    opt_out(made, kombo)
    said = check(file)
    assert "It isn't today's statement, which is version 2." in said
    assert "It is the statement of 2026-11-20." in said


def test_a_forged_copy_with_a_digest_of_its_own_is_named(
    download: Download, made: Integration
) -> None:
    file = download()
    whole = json.loads(file.read_text())
    whole["content"]["data"][3]["reason"] = "invented"
    whole["sha256"] = statement.digest_of(whole["content"])
    file.write_text(json.dumps(whole))
    with pytest.raises(CommandError, match="Different: ") as refused:
        check(file)
    assert whole["content"]["data"][3]["id"] in str(refused.value)
    whole["on"] = "2026-01-01"
    file.write_text(json.dumps(whole))
    with pytest.raises(CommandError, match="Nothing is on record of 2026-01-01"):
        check(file)


def test_of_an_unknown_integration_the_digest_is_all(download: Download, made: Integration) -> None:
    file = download()
    made.delete()
    assert "Its integration is not known here" in check(file)


def test_what_is_no_statement_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="can't be read"):
        check(tmp_path / "nowhere.json")
    odd = tmp_path / "odd.json"
    odd.write_text("{}")
    with pytest.raises(CommandError, match="no access statement"):
        check(odd)
