"""The geometry of charts: numbers in, paths of an SVG out.

A chart is as wide and high as its view box says; its page stretches it. Colours are classes, and
words stand beside it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise

type Point = tuple[float, float]

WIDTH, HEIGHT = 900, 200  # of the large chart
SPARK_WIDTH, SPARK_HEIGHT, SPARK_INSET = 100, 32, 3  # the inset has room for its last point
MOST_TICKS = 4  # steps of an axis


@dataclass(frozen=True, slots=True)
class Spark:
    """A line without axes: its path, that of the ground below it, and its last point."""

    line: str
    area: str
    x: str
    y: str


@dataclass(frozen=True, slots=True)
class Layer:
    """One of the layers that lie upon each other: its path, and that of its upper edge."""

    area: str
    line: str


def spark(values: Sequence[tuple[int, float]], days: int) -> Spark | None:
    """Draw values by their day, from 0 to `days`, as high as they differ; None for less than two,
    which are no line.
    """
    if len(values) < 2:
        return None
    low, high = min(value for _, value in values), max(value for _, value in values)
    width, height = SPARK_WIDTH - 2 * SPARK_INSET, SPARK_HEIGHT - 2 * SPARK_INSET
    points = [
        (
            SPARK_INSET + width * day / days,
            SPARK_INSET + height * ((high - value) / (high - low) if high > low else 0.5),
        )
        for day, value in values
    ]
    line = _path(points)
    first, last = points[0][0], points[-1][0]
    area = f"{line}L{last:.1f} {SPARK_HEIGHT}L{first:.1f} {SPARK_HEIGHT}Z"
    return Spark(line, area, *(f"{at:.1f}" for at in points[-1]))


def stacked(rows: Sequence[tuple[int, Sequence[int]]], *, days: int, top: int) -> list[Layer]:
    """Draw the layers of each day upon each other, the first at the bottom, in the order of time.

    `rows` are (day from 0 to `days`, a number per layer), `top` is the number at the upper edge.
    """
    sums = [(day, [0, *accumulate(numbers)]) for day, numbers in rows]
    edges = [
        [(WIDTH * day / days, HEIGHT - HEIGHT * heights[number] / top) for day, heights in sums]
        for number in range(len(sums[0][1]))
    ]
    return [
        Layer(f"{_path(upper)}L{_path(lower[::-1])[1:]}Z", _path(upper))
        for lower, upper in pairwise(edges)
    ]


def ticks(most: int) -> list[int]:
    """Return the numbers of an axis that has room for `most`, the highest first, down to 0."""
    step = 1
    while step * MOST_TICKS < most:
        # 1, 2, 5, 10, 20, 50, and so on
        step = step * 5 // 2 if str(step)[0] == "2" else step * 2
    return [step * number for number in range(max(-(-most // step), 1), -1, -1)]


def lines(number: int) -> str:
    """Return as many level lines, evenly spaced from the top down to 0."""
    steps = [HEIGHT * step / (number - 1) for step in range(number)]
    return "".join(f"M0 {y:.1f}H{WIDTH}" for y in steps)


def share(number: int, most: int) -> str:
    """Return how long a bar of 100 is for a number, of which the largest fills it."""
    return f"{100 * number / most if most else 0:.1f}"


def _path(points: Sequence[Point]) -> str:
    return "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in points)
