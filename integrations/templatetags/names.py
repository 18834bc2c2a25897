"""Names within a sentence: none turns the words around it."""

from django import template
from django.contrib.auth.models import User
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString

from integrations.access import roles
from integrations.access.colleagues import name_of
from integrations.domain import bidi

register = template.Library()


@register.filter
def bdi(name: object) -> SafeString:
    """Return a name for a sentence of HTML."""
    text = str(name)
    return format_html("<bdi>{}</bdi>", text) if bidi.turns(text) else conditional_escape(text)


@register.filter
def isolate(name: object) -> str:
    """Return a name for a sentence in a title or an attribute, where no element may stand."""
    return bidi.isolate(str(name))


@register.filter
def person_name(user: User) -> str:
    """Return what other people call somebody."""
    return name_of(user)


@register.filter
def may_act(user: User) -> bool:
    """Return whether one of the staff may do more than look."""
    return roles.may_act(user)


@register.filter
def initials(name: object) -> str:
    """Return at most two letters that stand for a person: "AM" for "Alice Meier" and for
    "alice.meier@acme.example".
    """
    words = str(name).partition("@")[0].replace(".", " ").split()
    return "".join(word[0] for word in (words[:1] + words[1:][-1:])).upper()
