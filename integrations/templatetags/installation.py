"""What is wrong with the installation, for every page of the workspace."""

from django import template

from integrations.workspace import installation
from integrations.workspace.installation import Problem

register = template.Library()


@register.simple_tag
def installation_problems() -> list[Problem]:
    """Return what is wrong now."""
    return installation.problems()
