"""`manage.py status`: how the installation itself is doing, for people and for monitors."""

import json
import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from integrations.operations import report, state
from integrations.operations.lines import Section
from integrations.operations.report import Status
from integrations.operations.state import State


class Command(BaseCommand):
    """The exit status is that of `integrations.operations.report.Status`."""

    requires_system_checks = ()  # wrong settings are a reason to ask, not to refuse

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.description = _(
            "Show how the installation is doing, as the page “System” does. The exit status is 0 "
            "if all is well, 1 if something needs action, and 2 if the database isn’t responding."
        )
        parser.add_argument("--json", action="store_true", help=_("Print JSON, for programs."))

    def handle(self, *args: Any, json: bool, **options: Any) -> None:
        now = state.read()
        told = report.sections(now)
        status = report.status(now, told)
        self.stdout.write(_as_json(now, told, status) if json else _as_text(now, told, status))
        sys.exit(status)


def _as_text(now: State, told: list[Section], status: Status) -> str:
    found = []
    for section in told:
        for line in section.lines:
            head = f"{section.title}: {line.label}: {line.text(now.at)}"
            found.append(f"[{line.severity.word}] {head}")
            if line.advice:
                found.append(f"    {line.advice}")
    return "\n".join([*found, _summary(told, status)])


def _summary(told: list[Section], status: Status) -> str:
    if status is Status.WELL:
        return _("Nothing needs action.")
    if status is Status.UNKNOWN:
        return _("The rest isn’t known.")
    number = len(report.reds(told))
    words = ngettext("%(n)s thing needs action.", "%(n)s things need action.", number)
    return words % {"n": number}


def _as_json(now: State, told: list[Section], status: Status) -> str:
    lines = [
        {
            "about": section.key,
            "key": line.key,
            "severity": line.severity,
            "text": f"{line.label}: {line.text(now.at)}",
            "advice": line.advice,
        }
        for section in told
        for line in section.lines
    ]
    answer = {
        "status": status.name.lower(),
        "at": now.at.isoformat(timespec="seconds"),
        "version": now.version,
        "lines": lines,
    }
    return json.dumps(answer, ensure_ascii=False, indent=2)
