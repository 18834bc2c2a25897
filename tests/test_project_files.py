"""The files around the code hold together: they parse, and every command they name is there."""

import re
import shutil
import subprocess
import sys
import tomllib
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.core.management import get_commands

PROJECT = Path(__file__).parent.parent
RUN = PROJECT / ".ci" / "run"
STAGES = ["lint", "tests", "postgres"]
CONTRIBUTING = (PROJECT / "CONTRIBUTING.md").read_text()
CHANGELOG = (PROJECT / "CHANGELOG.md").read_text()
YAML = sorted(path for form in (".*.yaml", ".github/**/*.yml") for path in PROJECT.glob(form))
PYPROJECT = tomllib.loads((PROJECT / "pyproject.toml").read_text())
FOREIGN = {"python3", "uv"}
"""Commands that are there before .venv is, or that only a change of a dependency needs."""


def recipes() -> dict[str, str]:
    """The justfile's recipes by name: their commands."""
    text = re.sub(r"^(#.*|\[.*\]|set .*)$\n?", "", (PROJECT / "justfile").read_text(), flags=re.M)
    found = re.findall(r"^([a-z]+)[^\n]*:\n((?:    .+\n)+)", text, flags=re.M)
    assert len(found) == len(re.findall(r"^\S.*:$", text, flags=re.M))
    return dict(found)


def table() -> list[str]:
    """What the code marks of CONTRIBUTING's table hold, with `…` written out."""
    rows = re.findall(r"^\| .+", CONTRIBUTING, flags=re.M)[1:]
    marks = [mark for row in rows for mark in re.findall(r"`([^`]+)`", row)]
    return [mark.replace("…", ".venv/bin/python") for mark in marks]


def code_block() -> list[str]:
    block = re.search(r"^```sh\n(.*?)^```", CONTRIBUTING, flags=re.M | re.S)
    assert block
    return block[1].splitlines()


def missing(command: str) -> list[str]:
    """What a command names and is not there: programs, files, modules, recipes, `manage.py`'s."""
    program, *arguments = command.split()
    if program == "just":
        return [name for name in arguments[:1] if name not in {"--list", *recipes()}]
    lost = [] if is_there(program, is_run=bool(arguments)) else [program]
    files = [word for word in arguments if re.search(r"/|\.(py|toml|txt)$", word)]
    lost += [name for name in files if not list(PROJECT.glob(name))]
    lost += [name for name in re.findall(r"-m (\w[\w.]*\w)", command) if not exists(name)]
    commands = re.findall(r"manage\.py (\w+)", command)
    return lost + [name for name in commands if name not in get_commands()]


def is_there(program: str, *, is_run: bool) -> bool:
    """Whether there is such a program, or, if it may be a mere file, such a file."""
    tool = program.removeprefix(".venv/bin/")
    if tool != program:
        return shutil.which(tool, path=Path(sys.executable).parent) is not None
    if is_run and "/" not in program:
        return program in FOREIGN
    return bool(list(PROJECT.glob(program)))


def exists(module: str) -> bool:
    try:
        return find_spec(module) is not None
    except ModuleNotFoundError:
        return False


# --- What is written parses ---------------------------------------------------------------------


def test_the_files_that_people_expect_are_there() -> None:
    names = ["LICENSE", "SECURITY.md", ".editorconfig", ".gitattributes", "justfile"]
    names += [".pre-commit-config.yaml", ".github/pull_request_template.md"]
    names += ["Dockerfile", "compose.yaml"]
    assert [name for name in names if not (PROJECT / name).is_file()] == []
    github = {path.relative_to(PROJECT).as_posix() for path in YAML}
    expected = ["workflows/ci.yml", "dependabot.yml"]
    expected += [f"ISSUE_TEMPLATE/{name}.yml" for name in ("bug", "feature", "config")]
    assert {f".github/{name}" for name in expected} <= github


@pytest.mark.parametrize("path", YAML, ids=lambda path: path.name)
def test_yaml_parses(path: Path) -> None:
    assert isinstance(yaml.safe_load(path.read_text()), dict)


@pytest.mark.parametrize("name", ["bug", "feature"])
def test_issue_forms_have_what_the_host_demands(name: str) -> None:
    form = parsed(f".github/ISSUE_TEMPLATE/{name}.yml")
    assert form["name"]
    assert form["description"]
    fields = [part for part in form["body"] if part["type"] != "markdown"]
    assert all(field["attributes"]["label"] for field in fields)
    ids = [field["id"] for field in fields]
    assert len(set(ids)) == len(ids) > 0


def test_whoever_reports_a_bug_is_told_to_paste_no_data() -> None:
    text = (PROJECT / ".github" / "ISSUE_TEMPLATE" / "bug.yml").read_text()
    assert "no key, token, secret or link" in text
    assert "SECURITY.md" in text


def test_updates_come_for_what_there_is() -> None:
    updates = parsed(".github/dependabot.yml")["updates"]
    assert {update["package-ecosystem"] for update in updates} == {"pip", "github-actions"}
    assert all(update["schedule"]["interval"] == "weekly" for update in updates)


def parsed(name: str) -> Any:
    return yaml.safe_load((PROJECT / name).read_text())


# --- Commands exist -----------------------------------------------------------------------------


@pytest.mark.parametrize("command", [*table(), *code_block()])
def test_every_command_of_contributing_exists(command: str) -> None:
    assert missing(command) == []


@pytest.mark.parametrize("name", recipes())
def test_every_command_of_a_recipe_exists(name: str) -> None:
    for line in recipes()[name].splitlines():
        command = line.strip().removeprefix("@")
        assert missing(re.sub(r"\{\{.*?\}\}", "", command).replace('"$@"', "")) == []


def test_recipes_are_the_commands_of_contributing() -> None:
    named = {mark.split()[1] for mark in table() if mark.startswith("just ")}
    assert named == recipes().keys() - {"default"}
    lines = [line.strip() for recipe in recipes().values() for line in recipe.splitlines()]
    commands = {re.sub(r' "\$@"|\{\{.*', "", line) for line in lines}
    named = {mark for mark in table() if mark.startswith((".venv/", ".ci/", "python3 "))}
    assert {mark for mark in named if ".bench." not in mark} <= commands
    assert set(code_block()) <= commands


def test_every_recipe_says_what_it_is_for() -> None:
    lines = (PROJECT / "justfile").read_text().splitlines()
    heads = [number for number, line in enumerate(lines) if re.match(r"[a-z].*:$", line)]
    assert [lines[head] for head in heads if lines[head - 1][:1] not in {"#", "["}] == []


def test_parts_that_a_recipe_can_measure_are_there() -> None:
    measured = re.search(r"another part: (.+)", (PROJECT / "justfile").read_text())
    assert measured
    parts = set(measured[1].split(", "))
    assert {mark.rpartition(".")[2] for mark in table() if "tests.bench." in mark} == parts
    assert all(exists(f"tests.bench.{part}") for part in parts)


@pytest.mark.parametrize(
    "command",
    [
        ".venv/bin/rough format .",
        ".ci/ran",
        "python3 manage.py tests",
        ".venv/bin/python -m tests.bench.nothing",
        ".venv/bin/python -m nothing.at.all",
        "just nothing",
        "poetry lock pyproject.toml",
        "uv pip compile pyproject.toml -o requirements-none.txt",
    ],
)
def test_this_test_sees_what_is_missing(command: str) -> None:
    assert missing(command)


def test_local_hooks_run_tools_of_the_lock() -> None:
    hooks = {
        hook["id"]: hook["entry"]
        for repo in parsed(".pre-commit-config.yaml")["repos"]
        for hook in repo["hooks"]
        if repo["repo"] == "local"
    }
    assert {"ruff-check", "ruff-format", "djlint"} <= hooks.keys()
    assert {name: missing(entry) for name, entry in hooks.items() if missing(entry)} == {}
    lock = (PROJECT / "requirements-dev.txt").read_text()
    for entry in hooks.values():
        tool = re.match(r"\.venv/bin/python -m (\w+)", entry)
        assert tool, entry
        assert f"\n{tool[1]}==" in lock


def test_hooks_of_others_are_pinned() -> None:
    others = [r for r in parsed(".pre-commit-config.yaml")["repos"] if r["repo"] != "local"]
    assert {repo["repo"].rpartition("/")[2] for repo in others} == {"pre-commit-hooks", "typos"}
    assert all(re.fullmatch(r"v\d+\.\d+\.\d+", repo["rev"]) for repo in others)


# --- CI -----------------------------------------------------------------------------------------


def test_the_workflow_runs_every_stage_of_ci() -> None:
    workflow = parsed(".github/workflows/ci.yml")
    (job,) = workflow["jobs"].values()
    known = re.search(r"^stages=\((.+)\)$", RUN.read_text(), flags=re.M)
    assert known
    assert job["strategy"]["matrix"]["stage"] == known[1].split() == STAGES
    (run,) = [step for step in job["steps"] if "run" in step]
    assert run["run"] == '.ci/run "$STAGE"'
    assert run["env"] == {"STAGE": "${{ matrix.stage }}"}
    assert RUN.stat().st_mode & 0o111
    assert workflow["permissions"] == {"contents": "read"}
    assert workflow["concurrency"]["cancel-in-progress"] is True
    assert job["timeout-minutes"] <= 90
    (setup,) = [s for s in job["steps"] if s.get("uses", "").startswith("actions/setup-python@")]
    for name in ("python-version-file", "cache-dependency-path"):
        assert (PROJECT / setup["with"][name]).is_file()


class Rehearsal:
    """`.ci/run` in a folder of its own, where every command only notes that it was called."""

    TOOLS = ("bash", "sh", "env", "id", "dirname", "mktemp", "mkdir", "cp", "rm")
    FILTERS = ("base64", "grep", "head", "tr")

    def __init__(self, folder: Path) -> None:
        self._folder, self._path, self._notes = folder, folder / "path", folder / "notes"
        for made in (self._path, folder / ".ci"):
            made.mkdir()
        shutil.copy(RUN, folder / ".ci")
        (folder / "requirements-dev.txt").touch()
        for name in (*self.TOOLS, *self.FILTERS):
            (self._path / name).symlink_to(shutil.which(name) or name)
        note = f'#!/bin/sh\necho "${{0##*/}} $*" >>{self._notes}\n'
        for name in ("path/python", "path/apt-get", "path/sudo"):
            self._command(name, note)
        for name in (".ci/messages", ".ci/with-postgres"):
            self._command(name, note)
        makes_venv = "mkdir -p .venv/bin && cp path/python .venv/bin/python\n"
        self._command("path/python3", note + makes_venv)

    def _command(self, name: str, script: str) -> None:
        (self._folder / name).write_text(script)
        (self._folder / name).chmod(0o755)

    def run(self, *stages: str) -> subprocess.CompletedProcess[str]:
        self._notes.write_text("")
        command = ["bash", str(self._folder / ".ci" / "run"), *stages]
        alone = {"PATH": str(self._path)}
        return subprocess.run(command, env=alone, capture_output=True, text=True)

    def notes(self) -> list[str]:
        return self._notes.read_text().splitlines()

    def calls(self, *stages: str) -> list[str]:
        """The commands that were called, but those that install tools."""
        done = self.run(*stages)
        assert done.returncode == 0, done.stderr
        return [note for note in self.notes() if not note.startswith(("apt-get ", "sudo "))]

    def installs(self, *stages: str) -> set[str]:
        """The tools that were installed; the PATH here has none of them."""
        self.calls(*stages)
        parts = [note.partition(" --no-install-recommends ") for note in self.notes()]
        return {name for _, _, names in parts for name in names.split()}


@pytest.fixture
def ci(tmp_path: Path) -> Rehearsal:
    return Rehearsal(tmp_path)


def test_ci_without_a_stage_is_all_stages_in_order(ci: Rehearsal) -> None:
    environment = ["python3 manage.py test --version"]
    runs = {stage: ci.calls(stage) for stage in STAGES}
    assert all(said[:1] == environment and len(said) > 1 for said in runs.values())
    assert ci.calls() == environment + [line for stage in STAGES for line in runs[stage][1:]]


def test_each_stage_does_its_own(ci: Rehearsal) -> None:
    linted = ci.calls("lint")
    for tool in ("ruff check", "ruff format --check", "mypy", "djlint --quiet --lint"):
        assert [line for line in linted if line.startswith(f"python -m {tool} ")]
    assert "python manage.py check --deploy --fail-level WARNING" in linted
    assert linted[-1] == "messages --check"
    assert ci.calls("tests")[1:] == ["python3 manage.py test --exhaustive"]
    shows = ("domain", "kombo", "simulator", "words", "demo")
    unasked = [f"--ignore=tests/{name}" for name in shows]
    assert ci.calls("postgres")[1:] == [
        f"with-postgres python3 manage.py test -m not browser tests {' '.join(unasked)}",
        "with-postgres python3 manage.py test tests/life --exhaustive",
        "with-postgres .venv/bin/python -m tests.bench.soak --minutes 2",
    ]


def test_each_stage_installs_what_it_needs(ci: Rehearsal) -> None:
    assert ci.installs("lint") == {"gettext"}
    browser = {"chromium", "chromium-headless-shell"}
    assert ci.installs("tests") - browser == {"npm", "nginx-light"}
    assert len(ci.installs("tests") & browser) == 1
    assert ci.installs("postgres") <= {"postgresql"}  # looked for beside the PATH
    assert ci.installs() == {"gettext"} | ci.installs("tests") | ci.installs("postgres")


@pytest.mark.parametrize("stages", [["everything"], ["lint", "nothing"], [""], ["lint tests"]])
def test_what_is_no_stage_is_refused_at_once(ci: Rehearsal, stages: list[str]) -> None:
    done = ci.run(*stages)
    assert done.returncode == 2
    assert done.stderr.endswith(f"is none of the stages: {' '.join(STAGES)}\n")
    assert (done.stdout, ci.notes()) == ("", [])


# --- Version and licence ------------------------------------------------------------------------


def test_the_version_is_the_newest_of_the_changelog() -> None:
    headings = re.findall(r"^## (.+)", CHANGELOG, flags=re.M)
    assert headings[0] == "[Unreleased]"
    form = re.compile(r"\[(\d+)\.(\d+)\.(\d+)\] - (\d{4}-\d\d-\d\d)")
    released = [form.fullmatch(heading) for heading in headings[1:]]
    assert all(released)
    versions = [tuple(map(int, found.groups()[:3])) for found in released if found]
    dates = [found[4] for found in released if found]
    assert versions == sorted(versions, reverse=True)
    assert dates == sorted(dates, reverse=True)
    assert PYPROJECT["project"]["version"] == ".".join(map(str, versions[0]))


def test_sections_of_the_changelog_are_those_of_its_format() -> None:
    known = {"Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"}
    assert set(re.findall(r"^### (.+)", CHANGELOG, flags=re.M)) <= known


def test_the_licence_is_the_one_that_is_declared() -> None:
    project = PYPROJECT["project"]
    assert project["license"] == "BSD-3-Clause"
    (name,) = project["license-files"]
    text = (PROJECT / name).read_text()
    assert text.startswith("BSD 3-Clause License\n")
    assert re.search(r"^Copyright \(c\) 2026, the Kombo Dashboard authors$", text, flags=re.M)
    assert len(re.findall(r"^\d\. (Redistributions|Neither the name)", text, flags=re.M)) == 3
    assert (PROJECT / project["readme"]).is_file()
