"""Paths of the overview's charts, worked out by hand."""

import re

import pytest

from integrations.domain import charts
from integrations.domain.charts import HEIGHT, SPARK_HEIGHT, SPARK_INSET, SPARK_WIDTH, WIDTH


def points(path: str) -> list[tuple[float, float]]:
    return [(float(x), float(y)) for x, y in re.findall(r"([-\d.]+) ([-\d.]+)", path)]


def test_a_line_fills_its_box_from_the_lowest_to_the_highest() -> None:
    drawn = charts.spark([(0, 10.0), (5, 30.0), (10, 20.0)], 10)
    assert drawn
    top, bottom = SPARK_INSET, SPARK_HEIGHT - SPARK_INSET
    left, right = SPARK_INSET, SPARK_WIDTH - SPARK_INSET
    assert points(drawn.line) == [(left, bottom), (50, top), (right, (top + bottom) / 2)]
    assert (float(drawn.x), float(drawn.y)) == points(drawn.line)[-1]
    assert points(drawn.area)[3:] == [(right, SPARK_HEIGHT), (left, SPARK_HEIGHT)]
    assert drawn.area.endswith("Z")


def test_what_never_changes_is_a_line_in_the_middle() -> None:
    drawn = charts.spark([(0, 4.0), (10, 4.0)], 10)
    assert drawn
    assert {y for _x, y in points(drawn.line)} == {SPARK_HEIGHT / 2}


@pytest.mark.parametrize("values", [[], [(3, 1.0)]])
def test_one_value_is_no_line(values: list[tuple[int, float]]) -> None:
    assert charts.spark(values, 10) is None


def test_layers_lie_upon_each_other() -> None:
    lower, upper = charts.stacked([(0, [1, 2]), (2, [3, 1]), (4, [0, 0])], days=4, top=4)
    assert points(lower.line) == [(0, HEIGHT * 0.75), (WIDTH / 2, HEIGHT * 0.25), (WIDTH, HEIGHT)]
    assert points(upper.line) == [(0, HEIGHT * 0.25), (WIDTH / 2, 0), (WIDTH, HEIGHT)]
    assert points(upper.area) == points(upper.line) + points(lower.line)[::-1]
    assert points(lower.area)[3:] == [(WIDTH, HEIGHT), (WIDTH / 2, HEIGHT), (0, HEIGHT)]


@pytest.mark.parametrize(
    ("most", "scale"),
    [
        (0, [1, 0]),
        (1, [1, 0]),
        (4, [4, 3, 2, 1, 0]),
        (5, [6, 4, 2, 0]),
        (14, [15, 10, 5, 0]),
        (35, [40, 30, 20, 10, 0]),
        (70, [80, 60, 40, 20, 0]),
        (101, [150, 100, 50, 0]),
        (8000, [8000, 6000, 4000, 2000, 0]),
    ],
)
def test_an_axis_has_round_numbers_and_room(most: int, scale: list[int]) -> None:
    assert charts.ticks(most) == scale


def test_level_lines_stand_where_the_numbers_do() -> None:
    assert charts.lines(3) == f"M0 0.0H{WIDTH}M0 {HEIGHT / 2}H{WIDTH}M0 {HEIGHT}.0H{WIDTH}"


@pytest.mark.parametrize(
    ("number", "most", "share"), [(3, 4, "75.0"), (4, 4, "100.0"), (0, 0, "0.0")]
)
def test_a_bar_is_as_long_as_its_share(number: int, most: int, share: str) -> None:
    assert charts.share(number, most) == share
