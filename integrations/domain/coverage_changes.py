"""What became of data points between two coverage grids."""

from integrations.domain.coverage import Grid, Reason, leaves


def changes(before: Grid, after: Grid) -> dict[str, list[str]]:
    """What became of which datapoints, by their new reason; "gone" for those that are listed no
    more.
    """
    old = _leaves(before)
    new = _leaves(after)
    datapoints: dict[str, list[str]] = {}
    for datapoint, reason in new.items():
        if old.get(datapoint) is not reason:
            datapoints.setdefault(reason.value, []).append(datapoint)
    if gone := [
        datapoint for datapoint in old if datapoint not in new and after.group(datapoint) is None
    ]:
        datapoints["gone"] = gone
    return datapoints


def _leaves(grid: Grid) -> dict[str, Reason]:
    """Return the reasons, by datapoint, of every field and of every group that has no fields."""
    return {row.id: row.reason for row in leaves(grid.groups)}
