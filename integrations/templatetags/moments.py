"""A `<time>`: the instant, for programs and for whoever wants it exactly, and its age."""

from datetime import datetime

from django import template
from django.contrib.humanize.templatetags.humanize import naturaltime
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString

register = template.Library()


@register.filter
def instant(at: datetime | None) -> str:
    """Return it to the second: HTML allows three decimals at most, and nobody reads them."""
    return timezone.localtime(at).isoformat(timespec="seconds") if at else ""


@register.simple_tag
def moment(at: datetime) -> SafeString:
    """Return `datetime` and `title`."""
    local = timezone.localtime(at)
    exact = f"{date_format(local, 'DATE_FORMAT')}, {local:%H:%M:%S %Z}"
    return format_html('datetime="{}" title="{}"', instant(at), exact)


@register.filter
def age(at: datetime) -> str:
    """Return how long ago it was; an instant of a clock that ran ahead counts as now."""
    text: str = naturaltime(min(at, timezone.now()))
    return text
