"""Two datapoints with one id: the first counts, the later is logged by its id, the rest stays."""

import copy
import json
from typing import Any

import pytest

from integrations.domain import coverage
from integrations.kombo.schema import Details, decode, decode_coverage, encode_coverage
from tests.kombo.payloads import payload

PLACES = ["read_models", "write_actions", "read_models.fields", "write_actions.fields"]


def repeated(place: str) -> tuple[bytes, str]:
    """An answer whose first datapoint of a kind comes again at the end; and that one's id."""
    answer: Any = json.loads(payload("example"))
    group, _, field = place.partition(".")
    points = answer["data"][group][0]["fields"] if field else answer["data"][group]
    again = copy.deepcopy(points[0])
    again["is_available"] = not again["is_available"]
    again["label"] = "a secret of the second's"
    points.append(again)
    return json.dumps(answer).encode(), again["id"]


@pytest.mark.parametrize("place", PLACES)
def test_the_first_of_two_with_one_id_counts(place: str, caplog: pytest.LogCaptureFixture) -> None:
    body, again = repeated(place)
    assert decode(body, Details) == decode(payload("example"), Details)
    [said] = [record.getMessage() for record in caplog.records]
    assert repr(again) in said
    assert "secret" not in said


@pytest.mark.parametrize("place", PLACES)
def test_the_grid_that_is_kept_has_each_id_once(place: str) -> None:
    kept = decode_coverage(encode_coverage(decode(repeated(place)[0], Details)))
    groups: Any = coverage.build(kept).groups
    ids = [row.id for group in groups for row in (group, *group.fields)]
    assert len(ids) == len(set(ids))


def test_a_long_id_on_two_lines_is_logged_short_on_one(caplog: pytest.LogCaptureFixture) -> None:
    answer: Any = json.loads(payload("example"))
    models = answer["data"]["read_models"]
    models[0]["id"] = "a\nb" * 1000
    models.append(models[0])
    decode(json.dumps(answer).encode(), Details)
    [said] = [record.getMessage() for record in caplog.records]
    assert len(said.splitlines()) == 1
    assert len(said) < 300
