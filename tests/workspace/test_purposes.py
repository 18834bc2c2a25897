"""Purposes come from a file, all of it or nothing, and what is wrong with it is named."""

import json
from datetime import date
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from integrations.models import AuditEntry, Purpose
from integrations.workspace import purposes

TODAY = date(2026, 3, 1)
CSV = """group,valid_from,purpose,legal_basis,retention,recipients
pay,2026-01-01,Payroll,"Art. 6 (1) b, GDPR",10 years,Tax office
contact,,Directory,,,
"""


def problems(text: str) -> list[tuple[str, str]]:
    with pytest.raises(purposes.BadPurposes) as refused:
        purposes.read(text.encode(), today=TODAY)
    return refused.value.problems


@pytest.mark.parametrize("mark", [",", ";", "\t"])
def test_a_table_is_read_whatever_divides_it(mark: str) -> None:
    text = CSV.replace('"Art. 6 (1) b, GDPR"', "Art. 6").replace(",", mark)
    first, second = purposes.read(("\ufeff" + text).encode(), today=TODAY)
    assert first == ("pay", date(2026, 1, 1), "Payroll", "Art. 6", "10 years", "Tax office")
    assert second == ("contact", TODAY, "Directory", "", "", "")


def test_json_says_the_same_as_a_table() -> None:
    items = [
        {
            "group": "pay",
            "valid_from": "2026-01-01",
            "purpose": "Payroll",
            "legal_basis": "Art. 6 (1) b, GDPR",
            "retention": "10 years",
            "recipients": "Tax office",
        },
        {"group": "contact", "purpose": "Directory"},
    ]
    text = json.dumps(items).encode()
    assert purposes.read(text, today=TODAY) == purposes.read(CSV.encode(), today=TODAY)


@pytest.mark.parametrize(
    ("text", "where", "reason"),
    [
        ("group,purpose\nmoney,x\n", "line 2", "group 'money' is not one of person, contact"),
        ("group,purpose\npay,\n", "line 2", "purpose is empty"),
        ("group,purpose,why\npay,x,y\n", "line 2", "unknown: why"),
        ("group,purpose\npay,x,y\n", "line 2", "more cells than the heading has"),
        ("group,purpose\npay,x\npay,y\n", "line 3", "pay has another text from 2026-03-01 on"),
        ("group,purpose,valid_from\npay,x,1.3.2026\n", "line 2", "valid_from '1.3.2026' is no day"),
        (f"group,purpose\npay,{'x' * 5001}\n", "line 2", "purpose is longer than 5000 characters"),
        ("group,purpose\npay,\0\n", "line 2", "purpose holds control characters"),
        ("group\npay\n", "line 1", "the heading lacks purpose"),
        ("group,purpose,purpose\npay,x,y\n", "line 1", "the heading names a column twice"),
        ("", "line 1", "the heading lacks group, purpose"),
        ("group,purpose\n", "the file", "no text is in it"),
        ('group,purpose\npay,"x\n', "line 2", "not readable as CSV"),
        ("[1]", "the file", "a list of objects is expected"),
        ('{"group": "pay"}', "the file", "a list of objects is expected"),
        ("[", "the file", "not readable as JSON"),
        ('[{"group": "pay", "purpose": 1}]', "text 1", "every value is a text"),
    ],
)
def test_what_cannot_be_meant_is_named(text: str, where: str, reason: str) -> None:
    ((found_where, found_reason),) = problems(text)
    assert found_where == where
    assert reason in found_reason


def run(file: Path, *options: str) -> str:
    out = StringIO()
    call_command("import_purposes", str(file), *options, stdout=out, stderr=out)
    return out.getvalue()


@pytest.fixture
def file(tmp_path: Path, db: None) -> Path:
    file = tmp_path / "purposes.csv"
    file.write_text(CSV)
    return file


def test_an_import_adds_changes_and_leaves(file: Path) -> None:
    assert "created pay 2026-01-01" in run(file)
    assert Purpose.objects.count() == 2
    file.write_text(CSV.replace("10 years", "6 years"))
    said = run(file)
    assert "changed pay 2026-01-01" in said
    assert said.endswith("0 created, 1 changed, 1 left as they were.\n")
    assert Purpose.objects.get(group="pay").retention == "6 years"
    kept = [entry.told for entry in AuditEntry.objects.order_by("pk")]
    assert [one["done"] for one in kept] == ["created", "created", "changed"]
    assert kept[2]["fields"] == ["retention"]


def test_a_dry_run_writes_nothing(file: Path) -> None:
    assert "would create pay 2026-01-01" in run(file, "--dry-run")
    assert not Purpose.objects.exists()
    assert not AuditEntry.objects.exists()


def test_one_bad_text_and_nothing_is_written(file: Path) -> None:
    file.write_text(CSV + "money,,x,,,\n")
    out = StringIO()
    with pytest.raises(CommandError, match="1 bad; nothing was written"):
        call_command("import_purposes", str(file), stderr=out)
    assert "line 4: group 'money' is not one of" in out.getvalue()
    assert not Purpose.objects.exists()


def test_a_file_that_is_none_is_refused(tmp_path: Path, db: None) -> None:
    with pytest.raises(CommandError, match="can't be read"):
        run(tmp_path / "nowhere.csv")
    odd = tmp_path / "odd.csv"
    odd.write_bytes(b"\xff\xff\xff")
    with pytest.raises(CommandError, match="not UTF-8"):
        run(odd)
