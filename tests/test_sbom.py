"""The bill of materials says what the lock says."""

import json
import re
import subprocess
from pathlib import Path
from typing import Any

PROJECT = Path(__file__).resolve().parent.parent


def bill() -> dict[str, Any]:
    made: dict[str, Any] = json.loads(subprocess.check_output([PROJECT / ".ci" / "sbom"]))
    return made


def test_the_bill_of_materials_has_all_of_the_lock() -> None:
    made, lock = bill(), (PROJECT / "requirements.txt").read_text()
    pinned = re.findall(r"^([\w.-]+)==([^ \n]+)", lock, re.MULTILINE)
    assert [(one["name"], one["version"]) for one in made["components"]] == pinned
    assert sum(len(one["hashes"]) for one in made["components"]) == lock.count("--hash=sha256:")
    references = [one["bom-ref"] for one in made["components"]]
    assert "pkg:pypi/django-htmx@" in " ".join(references)
    own = made["metadata"]["component"]["bom-ref"]
    wants = {one["ref"]: one["dependsOn"] for one in made["dependencies"]}
    assert wants.keys() == {own, *references}
    assert {name for names in wants.values() for name in names} == set(references)
    assert bill() == made, "the same lock gives the same bill"
