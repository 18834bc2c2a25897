"""One page of a long list."""

from collections.abc import Sequence
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import QuerySet

from integrations.views.types import Request


class _CountedPaginator(Paginator):  # type: ignore[type-arg] # at run time it takes none
    """A paginator that is told how many there are, instead of counting them once more."""

    def __init__(self, rows: QuerySet[Any, Any] | Sequence[Any], per_page: int, count: int) -> None:
        super().__init__(rows, per_page)
        self._count = count

    @property
    def count(self) -> int:
        return self._count


def page_of(
    request: Request,
    rows: QuerySet[Any, Any] | Sequence[Any],
    per_page: int,
    *,
    count: int | None = None,
    name: str = "page",
) -> Page[Any]:
    """Return the page of `rows` that the address names, the nearest if there is no such.

    `count` is how many rows there are, where that is known; `name` is the parameter of the address.
    """
    paginator = (
        Paginator(rows, per_page) if count is None else _CountedPaginator(rows, per_page, count)
    )
    return paginator.get_page(request.GET.get(name))
