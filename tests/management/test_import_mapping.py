"""`manage.py import_mapping`: all or nothing, and the same again when run again."""

from collections.abc import Callable
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from integrations.models import Integration, Snapshot, Tenant
from integrations.tenants import mapping
from tests import copy
from tests.conftest import acting

pytestmark = pytest.mark.django_db

BAD_VALUE = copy.A_VALUE_IS_LONGER_THAN(most=200)
HEADING = "tenant_origin_id,tenant_name,integration_id\n"
GOOD = (
    f"{HEADING}acme,Acme GmbH,personio:1\nacme,Acme GmbH,greenhouse:2\nbolt,Bolt & Sons,hibob:3\n"
)

type Import = Callable[..., str]


@pytest.fixture
def run(tmp_path: Path) -> Import:
    """Import a file with this content; answers what was printed."""

    def run(content: str | bytes, *options: str, errors: StringIO | None = None) -> str:
        file = tmp_path / "mapping.csv"
        file.write_bytes(content.encode() if isinstance(content, str) else content)
        output = StringIO()
        call_command(
            "import_mapping", str(file), *options, stdout=output, stderr=errors or StringIO()
        )
        return output.getvalue()

    return run


def stored() -> list[tuple[str, str, str, str]]:
    return list(
        Integration.objects.values_list(
            "tenant__origin_id", "tenant__name", "environment", "integration_id"
        ).order_by("integration_id")
    )


def refused(run: Import, content: str | bytes) -> list[str]:
    """The lines that name what is bad, after nothing was written."""
    errors = StringIO()
    before = stored()
    with pytest.raises(CommandError, match="nothing was written"):
        run(content, errors=errors)
    assert stored() == before
    assert not Tenant.objects.exclude(integrations__isnull=False).exists()
    return errors.getvalue().splitlines()


def test_an_import_says_what_it_created(run: Import) -> None:
    assert run(GOOD).splitlines() == [
        copy.CREATED_WHAT(what=copy.CUSTOMER_ID_NAME(id="acme", name="Acme GmbH")),
        copy.CREATED_WHAT(what=copy.CUSTOMER_ID_NAME(id="bolt", name="Bolt & Sons")),
        "Created: integration personio:1 in production for customer acme",
        "Created: integration greenhouse:2 in production for customer acme",
        "Created: integration hibob:3 in production for customer bolt",
        copy.CREATED_CREATED_CHANGED_CHANGED_UNCHANGED_LEFT(created=5, changed=0, left=0),
    ]
    assert stored() == [
        ("acme", "Acme GmbH", "production", "greenhouse:2"),
        ("bolt", "Bolt & Sons", "production", "hibob:3"),
        ("acme", "Acme GmbH", "production", "personio:1"),
    ]
    assert Snapshot.objects.count() == 3


def test_the_same_again_changes_nothing(run: Import) -> None:
    run(GOOD)
    before = list(Integration.objects.values())
    with CaptureQueriesContext(connection) as queries:
        assert run(GOOD) == "Created: 0. Changed: 0. Unchanged: 3.\n"
    assert list(Integration.objects.values()) == before
    assert not [one for one in queries if one["sql"].startswith(("INSERT", "UPDATE", "DELETE"))]


def test_a_dry_run_says_the_same_and_writes_nothing(run: Import) -> None:
    said = run(GOOD, "--dry-run").splitlines()
    assert said[0] == copy.WOULD_CREATE_WHAT(
        what=copy.CUSTOMER_ID_NAME(id="acme", name="Acme GmbH")
    )
    assert said[-1] == copy.CREATED_CHANGED_UNCHANGED_DRY_RUN(created=5, changed=0, left=0)
    assert not Tenant.objects.exists()
    assert not Integration.objects.exists()


def test_a_dry_run_of_a_change_writes_nothing(run: Import) -> None:
    run(GOOD)
    said = run(f"{HEADING}acme,Acme SE,hibob:3\n", "--dry-run")
    assert "Would change: customer acme: name “Acme GmbH” → “Acme SE”" in said
    assert "Would change: integration hibob:3: customer bolt → acme" in said
    assert ("bolt", "Bolt & Sons", "production", "hibob:3") in stored()


def test_a_tenant_may_get_another_name(run: Import) -> None:
    run(GOOD)
    assert run(f"{HEADING}bolt,Bolt SE,hibob:3\n").splitlines() == [
        "Changed: customer bolt: name “Bolt & Sons” → “Bolt SE”",
        copy.CREATED_CREATED_CHANGED_CHANGED_UNCHANGED_LEFT(created=0, changed=1, left=1),
    ]
    assert Tenant.objects.get(origin_id="bolt").name == "Bolt SE"


def test_an_integration_that_moves_must_be_confirmed_anew(run: Import, root: User) -> None:
    run(GOOD)
    moved = Integration.objects.get(integration_id="hibob:3")
    moved.snapshot.origin_id = "somebody"
    mapping.confirm(moved, acting(root))
    assert "Changed: integration hibob:3: customer bolt → acme" in run(
        f"{HEADING}acme,Acme GmbH,hibob:3\n"
    )
    moved.refresh_from_db()
    assert (moved.tenant.origin_id, moved.confirmed_origin_id, moved.confirmed_by) == (
        "acme",
        "",
        None,
    )


def test_an_integration_that_stays_stays_confirmed(run: Import, root: User) -> None:
    run(GOOD)
    kept = Integration.objects.get(integration_id="hibob:3")
    kept.snapshot.origin_id = "somebody"
    mapping.confirm(kept, acting(root))
    run(GOOD)
    kept.refresh_from_db()
    assert kept.confirmed_origin_id == "somebody"


@pytest.mark.parametrize(
    ("rows", "problems"),
    [
        (",Acme,personio:1", ["Line 2: These values are missing: tenant_origin_id"]),
        ("acme,,", ["Line 2: These values are missing: tenant_name, integration_id"]),
        ("acme,Acme", ["Line 2: These values are missing: integration_id"]),
        (" , \t,personio:1", ["Line 2: These values are missing: tenant_origin_id, tenant_name"]),
        ("acme,Acme,personio:1,us", ["Line 2: There are more values than columns."]),
        ("acme,Acme," + "x" * 201, [copy.LINE_LINE_REASON(line=2, reason=BAD_VALUE)]),
        ("acme,A\x00cme,personio:1", ["Line 2: "]),
        ("acme,A\x1bcme,personio:1", [copy.LINE_LINE_REASON(line=2, reason=BAD_VALUE)]),
        ("acme,Acme,p:1\nbolt,Bolt,p:1", ["Line 3: p:1 is mapped to another customer on line 2."]),
        ("acme,Acme,p:1\nacme,ACME,p:2", ["Line 3: Customer acme has a different name on line 2."]),
        (
            'acme,"Acme\nGmbH",p:1\nbolt,,p:2',
            [
                copy.LINE_LINE_REASON(line=3, reason=BAD_VALUE),
                "Line 4: These values are missing: tenant_name",
            ],
        ),
        (",,\nacme,Acme,p:1\nbolt,,p:2", ["Line 4: These values are missing: tenant_name"]),
        ('acme,"Acme,p:1', ["Line 2: This can’t be read as CSV: "]),
        ("acme,Acme,p:1\nbolt," + "x" * 140_000 + ",p:2", ["Line 3: This can’t be read as CSV: "]),
    ],
)
def test_a_bad_row_is_named_with_reason_and_nothing_written(
    rows: str, problems: list[str], run: Import
) -> None:
    said = refused(run, HEADING + rows + "\n")
    assert len(said) == len(problems)
    assert [line.startswith(problem) for line, problem in zip(said, problems, strict=True)] == [
        True
    ] * len(said), said


@pytest.mark.parametrize(
    "heading",
    ["", "\n", "tenant_origin_id,tenant_name\n", "tenant_origin_id:tenant_name:integration_id\n"],
)
def test_a_heading_that_lacks_a_column_is_named(heading: str, run: Import) -> None:
    (said,) = refused(run, heading + "acme,Acme,personio:1\n")
    assert said.startswith("Line 1: These columns are missing: ")
    assert said.endswith("integration_id")


def test_good_rows_among_bad_ones_are_not_written_either(run: Import) -> None:
    run(f"{HEADING}acme,Acme GmbH,personio:1\n")
    refused(run, GOOD + "cobalt,,p:9\n")


def test_a_file_from_a_spreadsheet_is_read(run: Import) -> None:
    content = (
        b"\xef\xbb\xbf"
        + GOOD.replace("\n", "\r\n").encode()
        + b'\r\nc,"Caf\xc3\xa9 ""C"", Ltd",lever:4\r\n'
    )
    run(content)
    assert ("c", 'Café "C", Ltd', "production", "lever:4") in stored()


def test_columns_may_come_in_any_order_with_others_beside_them(run: Import) -> None:
    run("note,integration_id,tenant_name,tenant_origin_id\nx, personio:1 ,Acme GmbH, acme\n")
    assert stored() == [("acme", "Acme GmbH", "production", "personio:1")]


def test_the_same_row_twice_counts_once(run: Import) -> None:
    said = run(f"{HEADING}acme,Acme GmbH,p:1\nacme,Acme GmbH,p:1\n")
    assert said.endswith("Created: 2. Changed: 0. Unchanged: 1.\n")


def test_each_environment_has_integrations_of_its_own(run: Import, settings: Any) -> None:
    settings.KOMBO_ENVIRONMENTS = {"production": {}, "us": {}}
    heading = "tenant_origin_id,tenant_name,integration_id,environment\n"
    run(f"{heading}acme,Acme GmbH,p:1,\nbolt,Bolt,p:1,us\n")
    assert stored() == [("acme", "Acme GmbH", "production", "p:1"), ("bolt", "Bolt", "us", "p:1")]
    (said,) = refused(run, f"{heading}acme,Acme GmbH,p:2,moon\n")
    assert said == "Line 2: The environment “moon” isn’t in KOMBO_ENVIRONMENTS: production, us"


def test_a_file_that_is_not_utf_8_is_refused(run: Import) -> None:
    with pytest.raises(CommandError, match=r"mapping\.csv isn’t UTF-8 text"):
        run(HEADING.encode() + b"acme,Caf\xe9,p:1\n")


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(
        CommandError,
        match=copy.FILE_CANNOT_BE_READ_ERROR(file="nowhere\\.csv", error="No such file"),
    ):
        call_command("import_mapping", str(tmp_path / "nowhere.csv"))
    with pytest.raises(CommandError, match="can’t be read: Is a directory"):
        call_command("import_mapping", str(tmp_path))
