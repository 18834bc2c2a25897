"""Static files as they are collected for production."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.test import override_settings

from kombo_dashboard import settings as site

IMPORT = re.compile(r"""\bfrom\s+["'](\./[\w./-]+)["']""")


@pytest.fixture(scope="module")
def collected(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with all files, as `collectstatic` leaves it."""
    folder = tmp_path_factory.mktemp("static")
    storages = {
        **site.STORAGES,
        "staticfiles": {"BACKEND": "kombo_dashboard.static_files.SiteStaticFilesStorage"},
    }
    with override_settings(STATIC_ROOT=str(folder), STORAGES=storages):
        call_command("collectstatic", verbosity=0, interactive=False)
    return folder


def names(collected: Path) -> dict[str, str]:
    manifest: dict[str, Any] = json.loads((collected / "staticfiles.json").read_text())
    return dict(manifest["paths"])


def test_modules_import_each_other_by_their_kept_names(collected: Path) -> None:
    hashed = names(collected)
    entry = collected / hashed["js/embed/embed_frame.js"]
    imported = {(entry.parent / name).resolve() for name in IMPORT.findall(entry.read_text())}
    assert imported == {
        collected / hashed[f"js/embed/{name}.js"] for name in ("host_channel", "session")
    }


def test_every_import_leads_to_a_file(collected: Path) -> None:
    scripts = [collected / name for name in names(collected).values() if name.endswith(".js")]
    ours = [path for path in scripts if (collected / "js") in path.parents]
    assert len(ours) > 5
    for path in ours:
        for name in IMPORT.findall(path.read_text()):
            assert (path.parent / name).exists(), (path.name, name)
