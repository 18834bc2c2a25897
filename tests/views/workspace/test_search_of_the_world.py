"""List, grid, record and import compare names in one way."""

import unicodedata
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from integrations.access import audit, audit_log
from integrations.access.audit import Act
from integrations.domain import coverage, raw_coverage
from integrations.domain.coverage import Show
from integrations.domain.coverage_search import narrow
from integrations.kombo.schema import Coverage, ReadModel, encode_coverage
from integrations.models import Tenant
from integrations.tenants import mapping, mapping_file
from integrations.workspace import datapoints
from tests.views.browsing import read

pytestmark = pytest.mark.django_db

NAMES = [
    ("istanbul", "İSTANBUL Lojistik"),
    ("Muller", "Müller GmbH"),
    ("müller", "Mu\u0308ller GmbH"),
    ("한국", unicodedata.normalize("NFD", "한국 전력")),
    ("🚀", "Rocket 🚀 Inc"),
]


@pytest.mark.exhaustive(keep=2)
@pytest.mark.parametrize(("typed", "name"), NAMES)
def test_the_list_finds_a_customer(
    typed: str, name: str, root: User, sign_in: Any, acme: Tenant
) -> None:
    named = Tenant.objects.create(name=name, origin_id="named")
    mapping.create(named, "personio:named")
    mapping.create(acme, "personio:other")
    browser: Client = sign_in(root)
    page = read(browser.get(reverse("triage"), {"q": typed, "scope": "all"}))
    found = " ".join(cell.text for cell in page.all("th", "class", "triage-who"))
    assert name in found
    assert "Acme GmbH" not in found


@pytest.mark.parametrize(("typed", "name"), NAMES)
def test_the_record_finds_what_was_done(typed: str, name: str, root: User) -> None:
    named = Tenant.objects.create(name=name, origin_id="named")
    actor = audit.Actor(root, root.get_username())
    audit.record(actor, Act.REMINDERS_CHANGED, tenant=named)
    audit.record(actor, Act.IMPORTED, name=name)
    audit.record(actor, Act.IMPORTED, name="something else")
    assert audit_log.entries(query=typed).count() == 2


@pytest.mark.parametrize(("typed", "name"), NAMES)
def test_the_grid_finds_a_label(typed: str, name: str) -> None:
    model = ReadModel(id="m", label=name, is_available=True, coverage_status="SUPPORTED")  # type: ignore[arg-type]
    grid = Coverage(read_models=(model,))
    assert narrow(coverage.build(grid), show=Show.ALL, query=typed).read
    assert raw_coverage.read(encode_coverage(grid).decode(), query=typed)
    assert datapoints.matching("Émployees", ["hris_employees"], most=1) == ["hris_employees"]


@pytest.mark.parametrize(("_typed", "name"), NAMES)
def test_an_import_renames_nobody_for_how_a_letter_is_written(_typed: str, name: str) -> None:
    Tenant.objects.create(name=unicodedata.normalize("NFC", name), origin_id="named")
    apart = unicodedata.normalize("NFD", name)
    lines = ["tenant_origin_id,tenant_name,integration_id", f"named,{apart},personio:1"]
    rows = mapping_file.read(
        "\n".join([*lines, f"named,{name},personio:2"]), environments=["production"]
    )
    report = mapping.import_rows(rows, dry_run=False)
    assert (report.renamed, report.changed) == ([], [])


def test_an_old_name_in_pieces_is_no_other_name() -> None:
    Tenant.objects.create(name="Mu\u0308ller", origin_id="named")
    lines = ["tenant_origin_id,tenant_name,integration_id", "named,Müller,personio:1"]
    rows = mapping_file.read("\n".join(lines), environments=["production"])
    assert mapping.import_rows(rows, dry_run=True).renamed == []
