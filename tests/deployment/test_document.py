"""What docs/deploying.md says can be copied: its commands are run, or say why not, and exist."""

import ast
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from django.core.management import get_commands, load_command_class

from tests.deployment import __main__ as trial
from tests.deployment.document import DOCUMENT, PROJECT, Block, blocks, commands

TEXT = DOCUMENT.read_text()
README = (PROJECT / "README.md").read_text()
SETTINGS = set(re.findall(r"^\| `(\w+)`", README, re.MULTILINE))


def test_every_block_is_run_or_says_why_not() -> None:
    found = blocks(TEXT)
    assert len(found) == TEXT.count("```sh\n")
    names = [block.name for block in found if block.is_run]
    assert len(set(names)) == len(names) > 15
    assert {block.name for block in found if not block.is_run} == {
        "it needs a public name",
        "it needs a container engine",
    }


def test_a_block_that_does_not_say_is_refused() -> None:
    with pytest.raises(ValueError, match="neither run nor not run: ls"):
        blocks("text\n\n```sh\nls\n```\n")


def test_the_trial_runs_every_block() -> None:
    source = ast.parse(Path(trial.__file__).read_text())
    words = {node.value for node in ast.walk(source) if isinstance(node, ast.Constant)}
    joined = {f"restore {database}" for database in ("sqlite", "postgresql")}
    assert commands().keys() <= words | joined


@pytest.mark.parametrize("block", blocks(TEXT), ids=lambda block: block.name)
def test_commands_are_right_for_the_shell(block: Block) -> None:
    script = f"#!/bin/bash\n{block.commands}"
    subprocess.run(["bash", "-n"], input=script, text=True, check=True)
    if shutil.which("shellcheck"):
        look = ["shellcheck", "--severity=error", "-"]
        subprocess.run(look, input=script, text=True, check=True)


@pytest.mark.parametrize("block", blocks(TEXT), ids=lambda block: block.name)
def test_named_commands_take_the_options_given(block: Block) -> None:
    for name, given in re.findall(r"^dashboard (\w+)([^\n|]*)", block.commands, re.MULTILINE):
        assert name in get_commands(), name
        command = load_command_class(get_commands()[name], name)
        known = command.create_parser("manage.py", name)._option_string_actions
        options = re.findall(r" (--[a-z-]+)", given)
        assert [option for option in options if option not in known] == []


def test_the_settings_of_the_document_exist() -> None:
    [settings] = [block.commands for block in blocks(TEXT) if block.name == "settings"]
    assert set(re.findall(r"^([A-Z_]+)='", settings, re.MULTILINE)) <= SETTINGS
    changed = re.findall(r"\^([A-Z_]+)=", TEXT)
    assert len(changed) > 3
    assert set(changed) <= SETTINGS
    assert set(trial.CHANGES) <= SETTINGS


def test_values_of_the_document_are_those_that_the_trial_gives() -> None:
    names = re.findall(r"^([A-Z_]+)=", commands()["values"], re.MULTILINE)
    assert names == re.findall(r"^([A-Z_]+)=", trial.VALUES, re.MULTILINE)
    used = set(re.findall(r"\$\{?([A-Z_]+)", "".join(block.commands for block in blocks(TEXT))))
    assert used - {"RELEASE", "DJANGO_SUPERUSER_PASSWORD"} == set(names)
