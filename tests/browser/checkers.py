"""What axe and HTML_CodeSniffer find in a document: WCAG 2.2, A and AA."""

from pathlib import Path

from playwright.sync_api import Frame

from tests.browser.axe import AXE, RUN

# Errors alone: its warnings and notices ask a person to look.
SNIFF = """() => new Promise((done, fail) => HTMLCS.process("WCAG2AA", document, () => done(
    HTMLCS.getMessages().filter(({ type }) => type === HTMLCS.ERROR).map(({ code, element }) =>
        `${code}: ${(element.outerHTML ?? "the document").slice(0, 160)}`)), fail))"""
# What axe advises for pages, and a part of a host's page has no need of.
OF_PAGES = ("landmark-one-main", "page-has-heading-one", "region")


class Checkers:
    """Both, with the package of HTML_CodeSniffer that was installed."""

    def __init__(self, packages: Path) -> None:
        self._sniffer = (packages / "html_codesniffer/build/HTMLCS.js").read_text(encoding="utf-8")

    def enter(self, document: Frame) -> None:
        """Bring them into a document."""
        document.evaluate(AXE)
        document.evaluate(self._sniffer)

    def look(self, document: Frame) -> list[str]:
        """What they find in it as it looks now."""
        found: list[str] = document.evaluate(RUN)
        if document.parent_frame is not None:
            found = [one for one in found if not one.startswith(OF_PAGES)]
        return found + list(document.evaluate(SNIFF))
