"""The documentation is held to what the code does."""

import re
from pathlib import Path

import pytest
from django.core.management import get_commands
from django.urls import Resolver404, resolve

from integrations.coverage import Reason
from integrations.demo import environment
from integrations.headline import Key

PROJECT = Path(__file__).parent.parent
README = (PROJECT / "README.md").read_text()
DOCUMENTS = [PROJECT / "README.md", PROJECT / "CONTRIBUTING.md", *sorted((PROJECT / "docs").glob("*.md"))]


def test_every_setting_that_is_read_is_in_the_readme_and_the_other_way_round() -> None:
    source = (PROJECT / "kombo_dashboard" / "settings.py").read_text()
    read = set(re.findall(r"env\.\w+\(\s*f?\"(?:\{prefix\})?(\w+)\"", source))
    read = {f"KOMBO_{name}" if f'{{prefix}}{name}"' in source else name for name in read}
    table = set(re.findall(r"^\| `(\w+)`", README, re.MULTILINE))
    assert len(read) > 20
    assert read == table


def test_the_demo_forgets_every_setting_of_the_shell() -> None:
    table = set(re.findall(r"^\| `(\w+)`", README, re.MULTILINE))
    assert {name for name in table if not name.startswith(("KOMBO_", "EMAIL_"))} == environment.SETTINGS


def test_secrets_are_marked_as_such() -> None:
    source = (PROJECT / "kombo_dashboard" / "settings.py").read_text()
    secrets = set(re.findall(r"env\.secrets?\(\s*f?\"(?:\{prefix\})?(\w+)\"", source))
    marked = set(re.findall(r"^\| `(?:KOMBO_(?=API|WEBHOOK))?(\w+)` \(secret\)", README, re.MULTILINE))
    assert secrets == marked


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
        if address.startswith("/demo/") or address == "/v1":
            continue
        try:
            resolve(re.sub(r"<[^>]*>", "x", address))
        except Resolver404:
            pytest.fail(f"{document.name} names {address}")


def test_every_headline_and_reason_is_documented() -> None:
    text = (PROJECT / "docs" / "customers.md").read_text()
    assert re.findall(r"^\| `(\w+)` \| \w+ \|", text, re.MULTILINE) == [key.value for key in Key]
    for reason in Reason:
        assert f"| `{reason}` |" in text


def test_no_lock_names_a_host() -> None:
    for lock in PROJECT.glob("requirements*.txt"):
        assert not re.search(r"https?://|index-url", lock.read_text())
