"""The layers of docs/architecture.md: who may import whom, and how large a thing may grow."""

import ast
import re
from functools import cache
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

from integrations.domain import events
from integrations.followers import FOLLOWERS
from tests import source_files

PROJECT = Path(__file__).resolve().parent.parent
CODE = sorted(
    path
    for folder in ("integrations", "kombo_dashboard")
    for path in (PROJECT / folder).rglob("*.py")
    if "migrations" not in path.parts
)
TESTS = sorted((PROJECT / "tests").rglob("*.py"))

# The packages and modules of `integrations`, from the bottom to the top: each imports only from
# those before it.
LAYERS = (
    "simulator",  # a fake Kombo, which imports nothing of the product
    "kombo",  # Kombo's HTTP and JSON, without Django
    "database",  # away, read-only, or older than the code
    "logs",
    "version",
    "models",
    "counters",  # what happens how often, for whoever does it
    "domain",  # pure: Kombo's data in, what a person should read out
    "history",
    "access",  # who may see what, and by which key
    "upstream",  # asking Kombo
    "tenants",  # whose integration is whose
    "workspace",  # what account managers see and do
    "mail",
    "webhooks",  # hearing Kombo
    "followers",
    "operations",  # how the installation itself is doing
    "views",
    "templatetags",
    "urls",
    "middleware",
    "admin",
    "retention",
    "worker",
    "checks",
    "apps",
    "demo",  # seed, staff, and a host's page: uses the product and the simulator
    "management",
)
DOORS = LAYERS.index("views")


def module_of(path: Path) -> str:
    parts = path.relative_to(PROJECT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {module_of(path): path for path in CODE}


@cache
def imports(path: Path) -> frozenset[str]:
    """Every module a file imports, wherever in the file, with names taken from a package as modules
    where they are.
    """
    found = set[str]()
    package = module_of(path) if path.name == "__init__.py" else module_of(path).rpartition(".")[0]
    for node in source_files.read(path).imports:
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        else:
            above = (
                package.split(".")[: len(package.split(".")) - node.level + 1] if node.level else []
            )
            base = ".".join([*above, *filter(None, [node.module])])
            names = {f"{base}.{alias.name}" for alias in node.names}
            found |= {name if name in MODULES else base for name in names}
    return frozenset(found)


def package(module: str) -> str:
    """The part of the app a module lies in: `integrations.views.customer.repair` is in `views`."""
    return module.split(".")[1] if module.startswith("integrations.") else ""


def layer(module: str) -> int | None:
    """The place of a module's package in `LAYERS`, from 0 for the bottom; None if it is not of the
    app.
    """
    return LAYERS.index(package(module)) if package(module) else None


def is_in(module: str, package: str) -> bool:
    return module == package or module.startswith(f"{package}.")


def test_every_package_has_its_layer() -> None:
    assert {package(module) for module in MODULES} - {""} == set(LAYERS)


def test_a_module_imports_only_from_its_package_and_below() -> None:
    above = {
        (module, name)
        for module in MODULES
        if package(module)
        for name in imports(MODULES[module])
        if (layer(name) or 0) > (layer(module) or 0)
    }
    assert above == set()


def test_the_simulator_and_kombo_import_nothing_of_the_product() -> None:
    for name in ("simulator", "kombo"):
        paths = [path for module, path in MODULES.items() if package(module) == name]
        assert {package(other) for path in paths for other in imports(path)} - {""} <= {name}


def test_modules_do_not_import_in_circles() -> None:
    TopologicalSorter(
        {module: imports(path) - {module} for module, path in MODULES.items()}
    ).prepare()


def users(package: str, *, among: list[Path]) -> set[str]:
    return {
        str(path.relative_to(PROJECT))
        for path in among
        if any(is_in(name, package) for name in imports(path))
    }


@pytest.mark.parametrize("package", ["httpx", "httpcore"])
def test_one_module_knows_the_http_library(package: str) -> None:
    assert users(package, among=CODE) == {"integrations/kombo/http.py"}


@pytest.mark.parametrize(
    "package", ["requests", "urllib.request", "http.client", "urllib3", "aiohttp"]
)
def test_there_is_no_second_way_out(package: str) -> None:
    product = [path for path in CODE if not {"demo", "simulator"} & set(path.parts)]
    assert users(package, among=product) == set()


@pytest.mark.parametrize("name", ["integrations.kombo", "integrations.simulator"])
def test_what_speaks_kombos_language_knows_no_django(name: str) -> None:
    assert (
        users("django", among=[path for module, path in MODULES.items() if is_in(module, name)])
        == set()
    )


def test_the_demo_is_imported_only_to_be_shown() -> None:
    outside = [path for path in [*CODE, PROJECT / "manage.py"] if "demo" not in path.parts]
    assert users("integrations.demo", among=outside) == {"integrations/management/commands/demo.py"}


def test_the_project_package_knows_only_the_apps_urls() -> None:
    project = [path for module, path in MODULES.items() if is_in(module, "kombo_dashboard")]
    known = {name for path in project for name in imports(path) if is_in(name, "integrations")}
    assert known <= {"integrations.urls.site", "integrations.database.outage"}
    assert (
        'include("integrations.urls.site")' in (PROJECT / "kombo_dashboard" / "urls.py").read_text()
    )


def test_the_rules_never_see_a_request() -> None:
    rules = [path for module, path in MODULES.items() if package(module) in LAYERS[:DOORS]]
    from_django_http = {
        (path.name, alias.name)
        for path in rules
        for node in source_files.read(path).imports
        if isinstance(node, ast.ImportFrom) and node.module and is_in(node.module, "django.http")
        for alias in node.names
    }
    assert {name for _path, name in from_django_http} <= {"Http404"}


def test_views_look_nothing_up_by_themselves() -> None:
    views = [path for module, path in MODULES.items() if package(module) == "views"]
    assert [
        path.name
        for path in views
        if ".objects" in path.read_text().replace("User.objects.none()", "")
    ] == []


WRITES = re.compile(
    r"\bSnapshot\(|\bSnapshot\.objects\.(?:create|bulk_create|get_or_create|update_or_create|bulk_update)\b"
    r"|\bSnapshot\.objects\b[^\n]*(?:\n\s*\.[^\n]*)*\.(?:update|delete|select_for_update)\("
    r"|\b(?:snapshot|row)\.(?:save|delete)\("
)


def test_one_module_writes_snapshots_and_one_takes_their_locks() -> None:
    product = [
        path for module, path in MODULES.items() if package(module) not in {"demo", "simulator", ""}
    ]
    found = {str(path.relative_to(PROJECT)) for path in product if WRITES.search(path.read_text())}
    # The door to integrations shows a blank one, unsaved, for an integration that has none.
    assert found == {
        "integrations/upstream/snapshot_locks.py",  # takes locks, and writes nothing
        "integrations/upstream/snapshots.py",
        "integrations/access/loading.py",
        "integrations/models/integrations.py",
    }


def test_the_followers_are_all_there_are_in_their_order() -> None:
    named = {
        f"{module}.{name}"
        for module, path in MODULES.items()
        for name in source_files.read(path).at_top
        if name in {"on_snapshot_changed", "on_mapping_changed", "on_outage_ended"}
    }
    followers = [f"{follower.__module__}.{follower.__name__}" for _kind, follower in FOLLOWERS]
    assert set(followers) == named
    assert [
        (kind.__name__, name.split(".")[2])
        for (kind, _), name in zip(FOLLOWERS, followers, strict=True)
    ] == [
        ("SnapshotChanged", "summaries"),
        ("SnapshotChanged", "hand_offs"),
        ("SnapshotChanged", "reminder_spells"),
        ("SnapshotChanged", "features"),
        ("MappingChanged", "summaries"),
        ("MappingChanged", "features"),
        ("OutageEnded", "reminder_spells"),
    ]
    assert events._followers == FOLLOWERS  # as the app connected them


AREAS = {"customer", "workspace", "embed", "public"}


def folders(of: str) -> set[str]:
    return {
        path.name
        for path in (PROJECT / of).iterdir()
        if path.is_dir() and path.name != "__pycache__"
    }


def test_templates_static_files_and_tests_mirror_the_views() -> None:
    assert folders("integrations/views") == AREAS
    assert folders("tests/views") == AREAS
    assert folders("templates") == AREAS | {"admin", "components", "mail", "registration"}
    assert folders("static/css") <= AREAS
    assert folders("static/js") <= AREAS
    assert folders("tests") >= {
        name for name in LAYERS if (PROJECT / "integrations" / name).is_dir()
    } - {
        "urls",
        "templatetags",
    }


def test_a_view_renders_templates_of_its_own_area() -> None:
    elsewhere = {
        (f"{area}/{path.name}", template)
        for area in AREAS
        for path in (PROJECT / "integrations" / "views" / area).glob("*.py")
        for template in re.findall(r'"([a-z]+)/[a-z_/]+\.html', path.read_text())
        if template not in {area, "components"}
    }
    assert elsewhere == set()


def test_no_module_is_named_for_nothing() -> None:
    names = {path.stem for path in CODE} | {path.parent.name for path in CODE}
    assert not names & {"services", "utils", "helpers", "common", "misc", "signals"}


def test_no_test_module_imports_from_another() -> None:
    imported = {
        (str(path.relative_to(PROJECT)), f"{node.module}.{alias.name}")
        for path in TESTS
        for node in source_files.read(path).imports
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    assert {pair for pair in imported if re.match(r"tests\..*\btest_", pair[1])} == set()


def test_no_name_of_a_test_is_longer_than_60_characters() -> None:
    names = {
        one.name
        for path in TESTS
        for one in source_files.read(path).functions
        if one.name.startswith("test_")
    }
    assert names
    assert {name for name in names if len(name) > 60} == set()


def test_no_function_is_longer_than_50_lines() -> None:
    assert {
        f"{path.relative_to(PROJECT)}:{one.name}": one.lines
        for path in CODE
        for one in source_files.read(path).functions
        if one.lines > 50
    } == {}


@pytest.mark.parametrize(
    ("folder", "pattern", "most"),
    [
        ("integrations", "*.py", 300),
        ("kombo_dashboard", "*.py", 300),
        ("tests", "*.py", 400),
        ("templates", "*.html", 150),
        ("static", "*.css", 250),
        ("static", "*.js", 250),
    ],
)
def test_no_file_grows_too_long_to_read(folder: str, pattern: str, most: int) -> None:
    files = [path for path in (PROJECT / folder).rglob(pattern) if "migrations" not in path.parts]
    assert files
    lines = {str(path.relative_to(PROJECT)): len(path.read_text().splitlines()) for path in files}
    assert {name: count for name, count in lines.items() if count > most} == {}


def test_this_test_sees_what_it_should() -> None:
    [function] = source_files.parse("class A:\n    async def one():\n        import x\n").functions
    assert (function.name, function.lines) == ("one", 2)
    assert len(source_files.parse("if x:\n    def f():\n        import y.z").imports) == 1
    assert "integrations.kombo.errors" in imports(MODULES["integrations.kombo.client"])
    assert "integrations.upstream.snapshots" in imports(MODULES["integrations.upstream.repairs"])
    assert "integrations.models" in imports(MODULES["integrations.access.permissions"])
    assert layer("integrations.views.customer.pages") == DOORS
    assert len(MODULES) > 50
    assert len(TESTS) > 20
