"""The documentation is held to what the code does."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.management import get_commands
from django.urls import Resolver404, resolve

from integrations.access import embed_sessions
from integrations.demo import environment
from integrations.domain.coverage import Reason
from integrations.domain.headline import Key
from integrations.models import Tenant
from tests import copy

PROJECT = Path(__file__).parent.parent
README = (PROJECT / "README.md").read_text()
EMBEDDING = (PROJECT / "docs" / "embedding.md").read_text()
SECRET = "k1:" + "0123456789abcdef" * 2 + ":+/="
DOCUMENTS = [
    PROJECT / "README.md",
    PROJECT / "CONTRIBUTING.md",
    PROJECT / "SECURITY.md",
    *sorted((PROJECT / "docs").glob("*.md")),
]


def settings_source() -> str:
    """The modules that read variables of the environment."""
    folder = PROJECT / "kombo_dashboard"
    return "".join(path.read_text() for path in sorted(folder.glob("*settings.py")))


def test_the_readme_names_exactly_the_settings_that_are_read() -> None:
    source = settings_source()
    read = set(
        re.findall(
            r"(?:env\.\w+|database_settings\.of|_claim|_pairs)\(\s*f?\"(?:\{prefix\})?(\w+)\"",
            source,
        )
    )
    read = {f"KOMBO_{name}" if f'{{prefix}}{name}"' in source else name for name in read}
    table = set(re.findall(r"^\| `(\w+)`", README, re.MULTILINE))
    assert len(read) > 20
    assert read == table


def test_what_a_review_is_told_to_be_tested_is_tested() -> None:
    told = re.findall(r"`(tests/[\w/.]+)`", (PROJECT / "docs" / "security.md").read_text())
    assert len(told) > 30
    assert [path for path in told if not (PROJECT / path).exists()] == []


def test_numbers_are_by_default_what_the_readme_says() -> None:
    source = settings_source()
    number = r"env\.whole_number\(\s*f?\"(?:\{prefix\})?(\w+)\", (\d+),"
    read = dict(re.findall(number, source))
    told = dict(re.findall(r"^\| `(?:KOMBO_(?=CALLS))?(\w+)` \| `(\d+)` \|", README, re.MULTILINE))
    assert len(read) > 12
    assert read.items() <= told.items()


def test_the_demo_forgets_every_setting_of_the_shell() -> None:
    table = set(re.findall(r"^\| `(\w+)`", README, re.MULTILINE))
    assert {
        name for name in table if not name.startswith(("KOMBO_", "EMAIL_"))
    } == environment.SETTINGS


def test_secrets_are_marked_as_such() -> None:
    source = settings_source()
    secrets = set(
        re.findall(
            r"(?:env\.(?:keyed_)?secrets?|database_settings\.of)\(\s*f?\"(?:\{prefix\})?(\w+)\"",
            source,
        )
    )
    marked = set(
        re.findall(r"^\| `(?:KOMBO_(?=API|WEBHOOK))?(\w+)` \(secret\)", README, re.MULTILINE)
    )
    assert secrets == marked


@pytest.mark.exhaustive
def test_the_tests_are_found_from_any_folder(tmp_path: Path) -> None:
    command = [
        sys.executable,
        str(PROJECT / "manage.py"),
        "test",
        "--collect-only",
        "-n0",
        "tests/domain/test_day_strip.py",
    ]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_links_lead_to_files_that_exist(document: Path) -> None:
    for target in re.findall(r"\]\((?!https?:)([^)#]+)", document.read_text()):
        assert (document.parent / target).exists(), target


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_named_commands_exist(document: Path) -> None:
    for command in re.findall(r"manage\.py (\w+)", document.read_text()):
        assert command in get_commands(), command


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_named_addresses_exist(document: Path) -> None:
    for address in re.findall(r"`(/[a-z][\w/<> -]*)`", document.read_text()):
        if address.startswith(("/demo/", "/srv/", "/etc/", "/var/")) or address == "/v1":
            continue
        try:
            inside = "integrations.urls.embed" if address.startswith("/embed/") else None
            resolve(re.sub(r"<[^>]*>", "x", address), inside)
        except Resolver404:
            pytest.fail(f"{document.name} names {address}")


def test_every_headline_and_reason_is_documented() -> None:
    text = (PROJECT / "docs" / "customers.md").read_text()
    assert re.findall(r"^\| `(\w+)` \| \w+ \|", text, re.MULTILINE) == [key.value for key in Key]
    for reason in Reason:
        assert f"| `{reason}` |" in text


def test_every_refusal_of_a_token_is_documented_with_its_message() -> None:
    source = "".join(
        (PROJECT / "integrations" / name).read_text()
        for name in ("access/embed_sessions.py", "views/embed/frame.py")
    )
    refusals = re.findall(r"""["(]([a-z]+_[a-z{}_]+)",\s+f?"([A-Z`][^"]+)\"""", source)
    assert len(refusals) > 15
    for code, message in refusals:
        for name in ("sub", "jti") if "{name}" in code else ("",):
            row = re.search(
                rf"^\| `{code.replace('{name}', name)}` \|(.*)", EMBEDDING, re.MULTILINE
            )
            assert row, code
            for part in re.split(r"\{[^}]*\}", message.replace("{name}", name)):
                assert part in row[1]


def test_the_elements_attributes_views_events_are_documented() -> None:
    loader = (PROJECT / "static" / "js" / "embed" / "loader.js").read_text()
    lists = re.findall(r"(?:const LOOK|const CONTENT|observedAttributes) = \[(.*)\]", loader)
    assert len(lists) == 3
    attributes = set(re.findall(r"\"([\w-]+)\"", " ".join(lists)))
    assert _rows(_section("The element").partition("### ")[0]) == attributes
    modules = ("embed_frame", "host_channel", "session")
    frame = "".join(
        (PROJECT / "static" / "js" / "embed" / f"{name}.js").read_text() for name in modules
    )
    views = re.search(r"const VIEWS = \[(.*)\]", frame)
    assert views
    assert _rows(_section(copy.VIEWS)) == set(re.findall(r"\"(\w+)\"", views[1]))
    assert _rows(_section("Events")) == set(re.findall(r"tell\(\"(\w+)\"", frame)) - {
        "height",
        "top",
    }


def test_code_samples_for_a_host_are_short() -> None:
    samples = re.findall(r"^```\w+\n(.*?)^```$", EMBEDDING, re.MULTILINE | re.DOTALL)
    assert len(samples) > 10
    assert all(sample.count("\n") < 15 for sample in samples)


def test_the_python_sample_mints_a_token(
    acme: Tenant, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.EMBED_SECRETS = dict([SECRET.split(":", 1)])
    monkeypatch.setenv("EMBED_SECRET", SECRET)
    host: dict[str, Any] = {}
    exec(_sample("Python"), host)  # noqa: S102 - it is ours
    nobody = SimpleNamespace(user=SimpleNamespace(is_authenticated=False))
    assert host["kombo_token"](nobody).status_code == 401
    somebody = SimpleNamespace(user=SimpleNamespace(is_authenticated=True, customer_id="acme"))
    assert _is_let_in(json.loads(host["kombo_token"](somebody).content)["token"], acme)


def test_the_node_sample_mints_a_token(acme: Tenant, settings: Any) -> None:
    settings.EMBED_SECRETS = dict([SECRET.split(":", 1)])
    if not shutil.which("node") or _node("require.resolve('jsonwebtoken')").returncode:
        pytest.skip("node or its jsonwebtoken is not here")
    app = """
        const json = (said) => console.log(JSON.stringify(said));
        const answer = { json, sendStatus: console.log };
        const sessions = [{ customerId: "acme" }, {}];
        const get = (path, view) => sessions.forEach((session) => view({ session }, answer));
        const app = { get };
    """
    answered = _node(app + _sample("Node"))
    token, status = answered.stdout.splitlines()
    assert (_is_let_in(json.loads(token)["token"], acme), status) == (True, "401")


def test_the_node_sample_without_a_library_mints_a_token(acme: Tenant, settings: Any) -> None:
    settings.EMBED_SECRETS = dict([SECRET.split(":", 1)])
    if not shutil.which("node"):
        pytest.skip("node is not here")
    claims = """{
        aud: "kombo-dashboard/embed", sub: "acme", jti: "1", scope: ["view", "repair"],
        iat: Math.floor(Date.now() / 1000), exp: Math.floor(Date.now() / 1000) + 299,
    }"""
    kid, secret = SECRET.split(":", 1)
    answered = _node(
        _sample("Node", number=1) + f"console.log(sign({kid!r}, {secret!r}, {claims}))"
    )
    assert _is_let_in(answered.stdout.strip(), acme)


def _section(title: str) -> str:
    """A section of docs/embedding.md, with those below it."""
    heading = re.search(rf"^(#+) {re.escape(title)}\n", EMBEDDING, re.MULTILINE)
    assert heading, title
    return re.split(
        rf"^#{{1,{len(heading[1])}}} ", EMBEDDING[heading.end() :], maxsplit=1, flags=re.MULTILINE
    )[0]


def _rows(section: str) -> set[str]:
    """What the rows of a section's table are about."""
    return set(re.findall(r"^\| `([\w-]+)`", section, re.MULTILINE))


def _sample(title: str, *, number: int = 0) -> str:
    samples: list[str] = re.findall(
        r"^```\w+\n(.*?)^```$", _section(title), re.MULTILINE | re.DOTALL
    )
    return samples[number]


def _node(script: str) -> subprocess.CompletedProcess[str]:
    settings = os.environ | {"EMBED_SECRET": SECRET}
    return subprocess.run(["node", "-e", script], capture_output=True, text=True, env=settings)


def _is_let_in(token: str, tenant: Tenant) -> bool:
    guest = embed_sessions.exchange(token).guest
    return guest.tenant == tenant and guest.may_repair


def test_no_lock_names_a_host() -> None:
    for lock in PROJECT.glob("requirements*.txt"):
        assert not re.search(r"https?://|index-url", lock.read_text())
