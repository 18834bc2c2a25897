"""Each face of the vendor's is worn by every mail, and can be read there."""

from collections.abc import Iterator
from itertools import product
from typing import Any

import pytest

from integrations.demo.faces import FACES
from integrations.domain import accent
from integrations.mail import compose
from integrations.models import MailKind
from tests.demo.mail_looks import Look
from tests.demo.seeded import beginning
from tests.every_mail import write_every_mail

pytestmark = pytest.mark.django_db
PRESSED = set(MailKind) - {MailKind.RECOVERED}  # have something to press

type Written = dict[str, tuple[dict[str, Any], str]]


@pytest.fixture
def written(db: None, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Written]:
    """What a mail of each kind is made from: its context and its language."""
    settings.EMAIL_HOST_NAME = "localhost"
    found: Written = {}
    render = compose.render

    def note(kind: str, context: dict[str, Any], language: str) -> compose.Words:
        found[kind] = (context, language)
        return render(kind, context, language)

    monkeypatch.setattr(compose, "render", note)
    with beginning(anew=True):
        write_every_mail()
        yield found


@pytest.mark.exhaustive
def test_mails_wear_every_face_and_can_be_read(
    written: Written, settings: Any, subtests: pytest.Subtests
) -> None:
    assert set(written) == set(MailKind)
    for (face, color), kind, dark in product(FACES.items(), MailKind, (False, True)):
        settings.VENDOR_ACCENT = color or accent.DEFAULT
        with subtests.test(face=face, kind=kind, dark=dark):
            look = Look(compose.render(kind, *written[kind]).html, dark=dark)
            assert look.texts
            assert [text for text in look.texts if text[0] < accent.READABLE] == []
            assert [edge for edge in look.edges if edge < accent.VISIBLE] == []
            assert look.fills == [settings.VENDOR_ACCENT] * (kind in PRESSED)
