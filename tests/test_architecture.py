"""The house: who may import whom, and how large a thing may grow. `house.md`, section 1, in code."""

import ast
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parent.parent
CODE = sorted(
    path
    for folder in ("integrations", "kombo_dashboard")
    for path in (PROJECT / folder).rglob("*.py")
    if "migrations" not in path.parts
)
TESTS = sorted((PROJECT / "tests").rglob("*.py"))

FLOORS = (
    ("kombo",),
    ("domain",),
    ("models",),
    ("access", "history", "upstream", "tenants", "workspace", "mail", "webhooks", "worker"),
    ("views", "middleware", "admin", "management", "templatetags", "apps", "urls"),
)
ASIDE = ("demo", "simulator")
DOORS = len(FLOORS) - 1


def module_of(path: Path) -> str:
    parts = path.relative_to(PROJECT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {module_of(path): path for path in CODE}


def imports(path: Path) -> set[str]:
    """Every module a file imports, wherever in the file, with names taken from a package as modules where they are."""
    found = set()
    package = module_of(path) if path.name == "__init__.py" else module_of(path).rpartition(".")[0]
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            above = package.split(".")[: len(package.split(".")) - node.level + 1] if node.level else []
            base = ".".join([*above, *filter(None, [node.module])])
            names = {f"{base}.{alias.name}" for alias in node.names}
            found |= {name if name in MODULES else base for name in names}
    return found


def room(module: str) -> str:
    """The part of the app a module lies in: `integrations.views.customer.repair` is in `views`."""
    return module.split(".")[1] if module.startswith("integrations.") else ""


def floor(module: str) -> int | None:
    return next((number for number, rooms in enumerate(FLOORS) if room(module) in rooms), None)


def is_in(module: str, package: str) -> bool:
    return module == package or module.startswith(f"{package}.")


def test_every_module_has_a_floor() -> None:
    homeless = [m for m in MODULES if room(m) and floor(m) is None and room(m) not in ASIDE]
    assert homeless == []
    assert all((PROJECT / "integrations" / name).exists() or f"integrations.{name}" in MODULES
               for rooms in FLOORS for name in rooms)  # fmt: skip


@pytest.mark.parametrize("module", [module for module in MODULES if floor(module) is not None])
def test_a_module_imports_from_its_own_floor_or_below(module: str) -> None:
    own = floor(module)
    assert own is not None
    upward = [name for name in imports(MODULES[module]) if (floor(name) or 0) > own]
    assert upward == []


def test_modules_do_not_import_in_circles() -> None:
    TopologicalSorter({module: imports(path) - {module} for module, path in MODULES.items()}).prepare()


def users(package: str, *, among: list[Path]) -> set[str]:
    return {str(path.relative_to(PROJECT)) for path in among if any(is_in(name, package) for name in imports(path))}


@pytest.mark.parametrize("package", ["httpx", "httpcore"])
def test_one_module_knows_the_http_library(package: str) -> None:
    assert users(package, among=CODE) == {"integrations/kombo/http.py"}


@pytest.mark.parametrize("package", ["requests", "urllib.request", "http.client", "urllib3", "aiohttp"])
def test_there_is_no_second_way_out(package: str) -> None:
    product = [path for path in CODE if not {"demo", "simulator"} & set(path.parts)]
    assert users(package, among=product) == set()


def test_kombos_package_knows_neither_django_nor_tenants() -> None:
    below = [path for module, path in MODULES.items() if is_in(module, "integrations.kombo")]
    assert users("django", among=below) == set()
    strangers = {name for path in below for name in imports(path) if is_in(name, "integrations")}
    assert {name for name in strangers if not is_in(name, "integrations.kombo")} == set()


def test_the_demo_is_imported_only_to_be_shown() -> None:
    outside = [path for path in [*CODE, PROJECT / "manage.py"] if "demo" not in path.parts]
    assert users("integrations.demo", among=outside) == {"integrations/management/commands/demo.py"}


def test_the_project_package_knows_only_the_apps_urls() -> None:
    project = [path for module, path in MODULES.items() if is_in(module, "kombo_dashboard")]
    known = {name for path in project for name in imports(path) if is_in(name, "integrations")}
    assert known <= {"integrations.urls.site"}
    assert 'include("integrations.urls.site")' in (PROJECT / "kombo_dashboard" / "urls.py").read_text()


def test_the_rules_never_see_a_request() -> None:
    rules = [path for module, path in MODULES.items() if floor(module) in range(DOORS)]
    from_django_http = {
        (path.name, alias.name)
        for path in rules
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.ImportFrom) and node.module and is_in(node.module, "django.http")
        for alias in node.names
    }
    assert {name for _path, name in from_django_http} <= {"Http404"}


def test_views_look_nothing_up_by_themselves() -> None:
    views = [path for module, path in MODULES.items() if room(module) == "views"]
    assert [path.name for path in views if ".objects" in path.read_text().replace("User.objects.none()", "")] == []


def test_no_module_is_named_for_nothing() -> None:
    names = {path.stem for path in CODE} | {path.parent.name for path in CODE}
    assert not names & {"services", "utils", "helpers", "common", "misc", "signals"}


def functions(path: Path) -> Iterator[tuple[str, int]]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield f"{path.relative_to(PROJECT)}:{node.name}", (node.end_lineno or node.lineno) - node.lineno + 1


def test_no_function_is_longer_than_50_lines() -> None:
    assert {name: lines for path in CODE for name, lines in functions(path) if lines > 50} == {}


@pytest.mark.parametrize(
    ("folder", "pattern", "most"),
    [
        ("integrations", "*.py", 305),
        ("kombo_dashboard", "*.py", 300),
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


def test_this_test_sees_what_it_should(tmp_path: Path) -> None:
    assert "integrations.kombo.errors" in imports(MODULES["integrations.kombo.client"])
    assert "integrations.upstream.snapshots" in imports(MODULES["integrations.upstream.repairs"])
    assert "integrations.models" in imports(MODULES["integrations.access.permissions"])
    assert floor("integrations.kombo.http") == 0
    assert floor("integrations.views.customer.pages") == DOORS
    assert len(MODULES) > 50
    assert len(TESTS) > 20
