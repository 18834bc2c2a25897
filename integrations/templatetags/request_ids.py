"""What the log calls a request, for whoever asks support about it."""

from django import template

from integrations import logs

register = template.Library()


@register.simple_tag
def request_id() -> str:
    """Return the id of this request; empty where there is none."""
    return logs.request_id()
