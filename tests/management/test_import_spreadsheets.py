"""`manage.py import_mapping` takes what spreadsheets make of a table, and no id with a trap."""

import subprocess
import sys
from collections.abc import Callable
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from integrations.models import AuditEntry, Integration, Snapshot, Summary, Tenant
from integrations.tenants import mapping

pytestmark = pytest.mark.django_db
PROJECT = Path(__file__).resolve().parents[2]
HEADING = "tenant_origin_id,tenant_name,integration_id"
ROWS = f"{HEADING}\nacme,Müller GmbH,personio:1\n"
EXPECTED = [("acme", "Müller GmbH", "production", "personio:1")]

type Import = Callable[..., str]


@pytest.fixture
def run(tmp_path: Path) -> Import:
    """Import a file with this content; answers what was printed, or what is wrong with it."""

    def run(content: str | bytes) -> str:
        file = tmp_path / "mapping.csv"
        file.write_bytes(content.encode() if isinstance(content, str) else content)
        said = StringIO()
        try:
            call_command("import_mapping", str(file), stdout=said, stderr=said)
        except CommandError:
            assert not Tenant.objects.exists()
        return said.getvalue()

    return run


def stored() -> list[tuple[str, str, str, str]]:
    columns = ("tenant__origin_id", "tenant__name", "environment", "integration_id")
    return list(Integration.objects.values_list(*columns).order_by("integration_id"))


@pytest.mark.parametrize(
    "content",
    {
        "semicolons": ROWS.replace(",", ";"),
        "tabs": ROWS.replace(",", "\t"),
        "bars": ROWS.replace(",", "|"),
        "sep=": "sep=;\r\n" + ROWS.replace(",", ";"),
        "SEP= of tabs": "SEP=\t\n" + ROWS.replace(",", "\t"),
        "quoted sep=": '"sep=;"\r\n' + ROWS.replace(",", ";"),
        "sep= with empty cells": "sep=,,,\n" + ROWS,
        "UTF-8 with its mark": b"\xef\xbb\xbf" + ROWS.encode(),
        "a mark and sep=": b"\xef\xbb\xbfsep=;\n" + ROWS.replace(",", ";").encode(),
        "UTF-16 as Excel's Unicode text": ROWS.replace(",", "\t").encode("utf-16"),
        "UTF-16, the other way round": b"\xfe\xff" + ROWS.encode("utf-16-be"),
        "empty rows": ROWS.replace("\n", "\n,,\n , ,\t\n\n") + ",,,\n",
        "unnamed columns": "\n".join(f"{line},," for line in ROWS.splitlines()),
        "an unnamed column with remarks": f"{HEADING},,\nacme,Müller GmbH,personio:1,,see mail\n",
        "empty cells beyond the heading": ROWS.replace("personio:1", "personio:1,,, "),
        "case and blanks": ROWS.replace(HEADING, " Tenant Origin ID ,TENANT_NAME,Integration-Id"),
        "quoted headings": ROWS.replace("tenant_name,i", '"tenant_name",i'),
        "old line ends": ROWS.replace("\n", "\r"),
        "blanks around values": ROWS.replace("acme", "  acme ").replace(":1", ":1 \t"),
    }.items(),
    ids=lambda one: one[0],
)
def test_what_spreadsheets_save_is_read(content: tuple[str, str | bytes], run: Import) -> None:
    run(content[1])
    assert stored() == EXPECTED


def test_lines_are_counted_as_an_editor_counts_them(run: Import) -> None:
    said = run(f"sep=,\n{HEADING}\n\nacme,,p:1\n")
    assert said.startswith("Line 4: These values are missing: tenant_name")


def test_a_heading_in_between_is_no_customer(run: Import) -> None:
    said = run(f"{ROWS}Tenant_Origin_ID, tenant_name ,integration_id\nbolt,Bolt,p:2\n")
    assert said.startswith("Line 3: The column names are repeated here.")


def test_a_column_twice_is_refused_however_it_is_written(run: Import) -> None:
    said = run(f"{HEADING},Tenant Name\nacme,Acme,p:1,Bolt\n")
    assert said.startswith("Line 1: A column name appears twice.")


@pytest.mark.parametrize("sign", ["\u202e", "\u202a", "\u2066", "\u2069"], ids=ascii)
def test_a_name_comes_without_signs_that_turn_it(sign: str, run: Import) -> None:
    run(f"{HEADING}\nacme,Ac{sign}me,p:1\n")
    assert Tenant.objects.get().name == "Acme"


INVISIBLE = {
    "\u200b": "U+200B (ZERO WIDTH SPACE)",
    "\u00ad": "U+00AD (SOFT HYPHEN)",
    "\ufeff": "U+FEFF (ZERO WIDTH NO-BREAK SPACE)",
    "\u202e": "U+202E (RIGHT-TO-LEFT OVERRIDE)",
    "\u2066": "U+2066 (LEFT-TO-RIGHT ISOLATE)",
    "\u00a0": "U+00A0 (NO-BREAK SPACE)",
    "\u3164": "U+3164 (HANGUL FILLER)",
    "\ufe0f": "U+FE0F (VARIATION SELECTOR-16)",
}


@pytest.mark.parametrize(("one", "name"), INVISIBLE.items(), ids=lambda one: ascii(one))
@pytest.mark.parametrize("column", ["tenant_origin_id", "integration_id"])
def test_what_nobody_sees_in_an_id_is_named(one: str, name: str, column: str, run: Import) -> None:
    ids = {"tenant_origin_id": "acme", "integration_id": "personio:1"}
    ids[column] = f"{ids[column][:2]}{one}{ids[column][2:]}"
    said = run(f"{HEADING}\n{ids['tenant_origin_id']},Acme,{ids['integration_id']}\n")
    assert said.startswith(f"Line 2: {column} contains an invisible character: {name}\n")


@pytest.mark.parametrize(
    "origin_id", ["a b", "Müller & Söhne", "漢字", "x" * 200, "ü".upper(), "#1"]
)
def test_what_can_be_seen_is_an_id(origin_id: str, run: Import) -> None:
    run(f"{HEADING}\n{origin_id},Acme,p:1\n")
    assert Tenant.objects.get().origin_id == origin_id


# --- In steps


def many(number: int, tenant: str = "") -> str:
    rows = [f"{tenant or f't{n}'},Name {tenant or n},p:{n}" for n in range(number)]
    return "\n".join([HEADING, *rows]) + "\n"


@pytest.fixture
def others(monkeypatch: pytest.MonkeyPatch) -> list[tuple[bool, int, int]]:
    """What others can see and do whenever they have their turn: whether the database is locked by
    the import, how many tenants and how many integrations there are.
    """
    seen: list[tuple[bool, int, int]] = []

    def turn() -> None:
        counts = (Tenant.objects.count(), Integration.objects.count())
        seen.append((connection.in_atomic_block, *counts))

    monkeypatch.setattr(mapping, "STEP", 3)
    monkeypatch.setattr(mapping, "_let_others_write", turn)
    return seen


@pytest.mark.django_db(transaction=True)
def test_others_write_between_the_steps(others: list[tuple[bool, int, int]], run: Import) -> None:
    run(many(7))
    assert others == [
        (False, 3, 0),
        (False, 6, 0),
        (False, 7, 0),
        (False, 7, 3),
        (False, 7, 6),
    ]
    assert Integration.objects.count() == Snapshot.objects.count() == Summary.objects.count() == 7
    assert [one.told for one in AuditEntry.objects.filter(what="imported")] == [
        {"created": 14, "changed": 0}
    ]


@pytest.mark.django_db(transaction=True)
def test_moves_and_names_go_in_steps_too(others: list[tuple[bool, int, int]], run: Import) -> None:
    run(many(7))
    others.clear()
    run(many(7).replace("Name", "Other"))
    assert len(others) == 2
    others.clear()
    run(many(7, tenant="t0").replace("Name t0", "Other 0"))
    assert len(others) == 1
    assert not any(is_locked for is_locked, *_counts in others)
    assert set(Integration.objects.values_list("tenant__origin_id", flat=True)) == {"t0"}
    # One line for each import, and two for each integration that moved.
    assert AuditEntry.objects.filter(what="imported").count() == 3 + 2 * 6


@pytest.mark.django_db(transaction=True)
def test_nothing_is_written_if_the_last_row_is_bad(
    others: list[tuple[bool, int, int]], run: Import
) -> None:
    said = run(many(7) + "t8,,p:8\n")
    assert said.startswith("Line 9: These values are missing: tenant_name")
    assert (others, Tenant.objects.count()) == ([], 0)


@pytest.mark.django_db(transaction=True)
def test_what_was_broken_off_is_completed_by_the_next(
    monkeypatch: pytest.MonkeyPatch, run: Import
) -> None:
    def killed() -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(mapping, "STEP", 3)
    with monkeypatch.context() as patch:
        patch.setattr(mapping, "_let_others_write", killed)
        with pytest.raises(KeyboardInterrupt):
            run(many(4))
    assert Tenant.objects.count() == 3
    assert run(many(4)).endswith("Created: 5. Changed: 0. Unchanged: 0.\n")
    assert (Tenant.objects.count(), Integration.objects.count()) == (4, 4)


@pytest.mark.django_db(transaction=True)
def test_what_somebody_maps_meanwhile_is_no_error(
    monkeypatch: pytest.MonkeyPatch, run: Import
) -> None:
    def turn() -> None:
        if not Integration.objects.exists():
            mapping.create(Tenant.objects.get(origin_id="t1"), "p:1")

    monkeypatch.setattr(mapping, "_let_others_write", turn)
    run(many(2))
    assert Integration.objects.count() == 2


# --- The report is read by something that stops reading


@pytest.mark.exhaustive
def test_a_reader_that_stops_reading_is_no_traceback(tmp_path: Path, shared_database: Any) -> None:
    file = tmp_path / "mapping.csv"
    file.write_text(many(600))
    command = [sys.executable, str(PROJECT / "manage.py"), "import_mapping", str(file)]
    env = {
        "SECRET_KEY": "tests-hold-no-secret-0123456789-abcdefghijklmnopqrstuvwxyz",
        "KOMBO_API_KEY": "ks_dev_tests",  # else a warning says that it is missing
        "PATH": "/usr/bin:/bin",
        **shared_database,
    }
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=env, cwd=PROJECT
    ) as process:
        assert process.stdout
        assert process.stderr
        process.stdout.close()  # before it says anything
        said = process.stderr.read().decode()
        status = process.wait()
    assert "Traceback" not in said
    assert "BrokenPipe" not in said
    assert (said, status) == ("", 141)
    assert Integration.objects.count() == 600
