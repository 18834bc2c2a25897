"""What the tests' hosts are made of is locked, wherever it is fetched from."""

import json

from tests.browser.frameworks import COMMON_JS, FILES, FOLDER, LOCK


def test_the_lock_names_no_host_and_every_content() -> None:
    packages = json.loads(LOCK.read_text())["packages"]
    wanted = json.loads((FOLDER / "package.json").read_text())["dependencies"]
    assert packages.pop("")["dependencies"] == wanted
    for name, package in packages.items():
        assert "resolved" not in package, name
        assert package["integrity"].startswith("sha512-"), name
    for path in (*FILES.values(), *COMMON_JS.values()):
        assert any(f"node_modules/{path}".startswith(f"{name}/") for name in packages), path
