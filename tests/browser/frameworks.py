"""Hosts built with real frameworks: their npm packages, installed once, and the pages made of them.

The pages are in the folder `hosts`; they live on the origin of the demo's host, which has the token
endpoint.
"""

import hashlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path

import pytest
from playwright.sync_api import Page, Route

from tests.browser.browsing import Browsing
from tests.browser.stage import Demo

FOLDER = Path(__file__).parent / "hosts"
LOCK = FOLDER / "package-lock.json"
NAMES = ("react", "vue", "turbo", "htmx")
ISOLATED = {
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Embedder-Policy": "require-corp",
}
# What a page may load, by its name there. React is published as CommonJS only.
FILES = {
    "vue.js": "vue/dist/vue.esm-browser.prod.js",
    "turbo.js": "@hotwired/turbo/dist/turbo.es2017-esm.js",
    "htmx.js": "htmx.org/dist/htmx.min.js",
}
COMMON_JS = {
    "scheduler": "scheduler/cjs/scheduler.production.js",
    "react": "react/cjs/react.production.js",
    "react-dom": "react-dom/cjs/react-dom.production.js",
    "react-dom/client": "react-dom/cjs/react-dom-client.production.js",
}


def install(cache: Path) -> Path:
    """Install what the lock names, unless it is there. Return where.

    Skips, or fails where a browser is required, if that is not possible.
    """
    folder = cache / hashlib.sha256(LOCK.read_bytes()).hexdigest()[:16]
    if folder.exists():
        return folder / "node_modules"
    npm = shutil.which("npm")
    said = "there is no npm" if npm is None else _install(npm, cache, folder)
    if said:
        missing = f"The hosts' frameworks can't be installed: {said}"
        if os.environ.get("REQUIRE_BROWSER"):
            pytest.fail(missing)
        pytest.skip(missing)
    return folder / "node_modules"


def _install(npm: str, cache: Path, folder: Path) -> str:
    """Return what went wrong, or nothing. Another process may be at it as well."""
    with tempfile.TemporaryDirectory(dir=cache) as fresh:
        for name in ("package.json", "package-lock.json"):
            shutil.copy(FOLDER / name, fresh)
        quiet = ("--ignore-scripts", "--no-audit", "--no-fund")
        done = subprocess.run([npm, "ci", *quiet], cwd=fresh, capture_output=True, text=True)
        if done.returncode:
            return done.stderr
        if not folder.exists():
            Path(fresh).rename(folder)
            Path(fresh).mkdir()
    return ""


class Hosts:
    """Serves a framework's host, on the origin of the demo's own."""

    def __init__(self, demo: Demo, packages: Path) -> None:
        self._demo, self._packages = demo, packages

    def open(self, browsing: Browsing, name: str, headers: Mapping[str, str]) -> Page:
        """A page of that host, with these headers."""
        # To the browser, what a test serves comes from no place at all.
        page = browsing.context(permissions=["local-network-access"]).new_page()
        page.route(f"{self._demo.host}/hosts/**", lambda route: self._answer(route, headers))
        page.goto(f"{self._demo.host}/hosts/{name}")
        return page

    def _answer(self, route: Route, headers: Mapping[str, str]) -> None:
        asked = route.request.url.partition("/hosts/")[2].partition("?")[0]
        if asked.endswith(".js"):
            route.fulfill(body=self._script(asked), content_type="text/javascript")
            return
        # `<name>` has the integrations, `<name>/elsewhere` has not.
        name, _, elsewhere = asked.partition("/")
        text = (FOLDER / f"{name}.html").read_text().replace("{{ site }}", self._demo.site)
        here, _, there = text.partition("<!-- elsewhere -->\n")
        route.fulfill(
            body=there if elsewhere and there else here,
            content_type="text/html; charset=utf-8",
            headers=dict(headers),
        )

    def _script(self, name: str) -> str:
        if name == "react.js":
            return self._react()
        if name in FILES:
            return (self._packages / FILES[name]).read_text()
        return (FOLDER / name).read_text()

    def _react(self) -> str:
        """React and its DOM as one module for browsers."""
        modules = ",".join(
            f"{name!r}: (module, exports) => {{ {(self._packages / path).read_text()} }}"
            for name, path in COMMON_JS.items()
        )
        return f"""
            const made = new Map(), modules = {{ {modules} }};
            function require(name) {{
                if (!made.has(name)) {{
                    made.set(name, {{ exports: {{}} }});
                    modules[name](made.get(name), made.get(name).exports);
                }}
                return made.get(name).exports;
            }}
            export const React = require("react"), {{ createRoot }} = require("react-dom/client");
        """
