"""The dashboard and the alert rules ask for what `/metrics` has, in a language that Prometheus
reads.
"""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import promql_parser
import pytest
import yaml

from integrations import counters
from integrations.models import Event, Integration
from integrations.operations import metrics
from tests.conftest import NOW

FOLDER = Path(__file__).parents[2] / "docs" / "monitoring"
RULES = yaml.safe_load((FOLDER / "alerts.yaml").read_text())["groups"][0]["rules"]
DASHBOARD = json.loads((FOLDER / "grafana.json").read_text())
README = (FOLDER / "README.md").read_text()
NAME = re.compile(rf"{metrics.PREFIX}\w+")


def panels() -> list[dict[str, Any]]:
    return [one for one in DASHBOARD["panels"] if one["type"] != "row"]


def queries() -> dict[str, list[str]]:
    """What is asked, by who asks."""
    asked = {rule["alert"]: [rule["expr"]] for rule in RULES}
    for panel in panels():
        asked[panel["title"]] = [
            # As Grafana writes it before it asks.
            target["expr"].replace("$__rate_interval", "5m").replace("$", "")
            for target in panel["targets"]
        ]
    return asked


@pytest.fixture
def names(well: Integration, counting: None, settings: Any) -> set[str]:
    """Every name that a scrape has, once each thing that is counted has happened."""
    settings.KOMBO_ENVIRONMENTS["production"]["WEBHOOK_SECRETS"] = ["x"]
    Event.objects.create(environment="production", event_id="1", type="x", received_at=NOW)
    for counter in counters.all_counters():
        values = ["x"] * len(counter.labels)
        if counter.buckets is None:
            counter.add(*values)
        else:
            counter.observe(*values, seconds=1.0)
    samples = metrics.scrape().decode().splitlines()
    return {NAME.findall(line)[0] for line in samples if not line.startswith("#")}


def test_whatever_is_asked_for_is_there(names: set[str]) -> None:
    asked = {
        name for several in queries().values() for one in several for name in NAME.findall(one)
    }
    assert asked - names == set()
    # And whatever is there is shown, or only makes up what is.
    makes_up = {f"{metrics.PREFIX}{name}" for name in PARTS}
    assert names - asked == makes_up


PARTS = {
    f"{name}_{part}"
    for name, parts in {
        "kombo_call_seconds": ("count", "sum"),
        "webhook_event_lag_seconds": ("count", "sum"),
        "worker_task_seconds": ("count",),
    }.items()
    for part in parts
}


@pytest.mark.parametrize("who", queries())
def test_prometheus_can_read_what_is_asked(who: str) -> None:
    for query in queries()[who]:
        promql_parser.parse(query)


def test_the_parser_sees_what_is_wrong() -> None:
    with pytest.raises(ValueError, match=r"parenthesis|unexpected"):
        promql_parser.parse("sum(rate(x[5m])")


def test_there_are_eight_rules_and_each_is_explained() -> None:
    assert len({rule["alert"] for rule in RULES}) == len(RULES) == 8
    for rule in RULES:
        assert {"severity"} == set(rule["labels"])
        assert {"summary", "description"} == set(rule["annotations"])
        section = README.partition(f"\n### {rule['alert']}\n")[2].partition("\n### ")[0]
        assert "**Means**" in section, rule["alert"]
        assert "**Do**" in section, rule["alert"]


def test_labels_that_rules_show_are_those_of_what_they_ask_for() -> None:
    shown = re.findall(r"\$labels\.(\w+)", json.dumps(RULES))
    assert set(shown) == {"environment"}


def rectangles() -> Iterator[tuple[str, set[tuple[int, int]]]]:
    for panel in DASHBOARD["panels"]:
        place = panel["gridPos"]
        cells = {
            (x, y)
            for x in range(place["x"], place["x"] + place["w"])
            for y in range(place["y"], place["y"] + place["h"])
        }
        yield panel["title"], cells


def test_panels_lie_beside_each_other() -> None:
    taken: set[tuple[int, int]] = set()
    for title, cells in rectangles():
        assert not taken & cells, title
        assert max(x for x, _y in cells) < 24, title
        taken |= cells
    ids = [panel["id"] for panel in DASHBOARD["panels"]]
    assert len(set(ids)) == len(ids)
    assert all(panel["datasource"]["uid"] == "${datasource}" for panel in panels())
