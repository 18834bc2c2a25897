"""Commands say what they do in the site's language."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command, load_command_class
from django.utils import translation

from integrations.models import Tenant

COMMANDS = (
    "check_kombo",
    "embed_token",
    "export_tenant",
    "forget_person",
    "forget_tenant",
    "import_mapping",
    "revoke_embed_sessions",
    "run_worker",
)


@pytest.mark.parametrize("name", COMMANDS)
def test_help_is_in_the_readers_language(name: str) -> None:
    helped = set()
    for language in ("en", "de", "fr", "es", "it"):
        with translation.override(language):
            parser = load_command_class("integrations", name).create_parser("manage.py", name)
            helped.add(parser.description)
    assert len(helped) == 5
    assert "" not in helped
    assert None not in helped


def test_what_came_of_it_is_too(acme: Tenant) -> None:
    said = StringIO()
    with translation.override("de"):
        call_command("forget_tenant", acme.origin_id, "--dry-run", stdout=said)
        with pytest.raises(CommandError, match="Es gibt keinen Kunden mit der Origin-ID „nobody“"):
            call_command("forget_tenant", "nobody")
    assert said.getvalue().endswith("Probelauf: Es wurde nichts gelöscht.\n")
