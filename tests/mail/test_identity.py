"""What mails show of the vendor: logo, colour, and whom one can ask."""

from email import message_from_bytes, policy
from typing import Any

from django.test import Client

from integrations.access import hand_offs
from integrations.mail import compose
from integrations.models import HandOff, Integration, Mail, VendorPicture
from integrations.workspace import identity
from tests import copy
from tests.mailbox import Days, H, html_of, sent
from tests.pictures import PNG


def parts_of(message: Any) -> list[Any]:
    raw = message.message(policy=policy.SMTP).as_bytes()
    return list(message_from_bytes(raw, policy=policy.default).walk())


def test_a_mail_carries_the_logo_that_it_shows(
    days: Days, broken: Integration, settings: Any
) -> None:
    settings.VENDOR_LOGO, settings.VENDOR_ACCENT = PNG, "#ffcc00"
    days.pass_to(H)
    [message] = sent()
    [logo] = [part for part in parts_of(message) if part.get_content_type() == "image/png"]
    assert logo.get_content() == PNG
    assert logo.get_content_disposition() == "inline"
    assert f'src="cid:{logo["Content-ID"].strip("<>")}" alt="' in html_of(message)
    assert "background:#ffcc00;" in html_of(message)
    assert "color:#000000;" in html_of(message)


def test_without_a_logo_for_mails_there_is_the_name(
    days: Days, broken: Integration, settings: Any
) -> None:
    settings.VENDOR_LOGO = b'<svg xmlns="http://www.w3.org/2000/svg"><rect/></svg>'
    assert identity.current().logo_url
    days.pass_to(H)
    [message] = sent()
    assert "<img" not in html_of(message)
    assert "multipart/mixed" not in {part.get_content_type() for part in parts_of(message)}


def test_a_mail_is_sent_whose_logo_is_gone(days: Days, broken: Integration) -> None:
    key = identity.keep_picture(PNG)
    days.pass_to(H)
    Mail.objects.update(html=f'<img src="cid:logo.{key}@vendor" alt="Northwind">')
    assert compose.logo_in(Mail.objects.get().html) is not None
    VendorPicture.objects.all().delete()
    assert compose.logo_in(Mail.objects.get().html) is None


def test_customers_read_whom_they_can_ask(days: Days, broken: Integration, settings: Any) -> None:
    settings.SUPPORT_EMAIL = "help@northwind.example"
    settings.PRIVACY_URL = "https://northwind.example/privacy?a=1&b=2"
    settings.IMPRINT_URL = "https://northwind.example/imprint"
    days.pass_to(H)
    [message] = sent()
    assert str(message.body).endswith(
        f"{copy.QUESTIONS} help@northwind.example\n"
        f"{copy.PRIVACY_POLICY_IN_MAIL} https://northwind.example/privacy?a=1&b=2\n"
        f"{copy.LEGAL_NOTICE_IN_MAIL} https://northwind.example/imprint\n"
    )
    html = html_of(message)
    assert 'href="mailto:help@northwind.example"' in html
    assert 'href="https://northwind.example/privacy?a=1&amp;b=2"' in html


def test_staff_see_the_logo_in_the_email_log(
    days: Days, broken: Integration, settings: Any, roots: Client
) -> None:
    settings.VENDOR_LOGO = PNG
    settings.STAFF_SESSION_LIMITS = settings.SESSION_LIMITS  # hours pass
    days.pass_to(H)
    response = roots.get(f"/workspace/emails/{Mail.objects.get().pk}/html/")
    assert f'src="{identity.current().logo_url}"' in response.content.decode()
    assert "img-src 'self'" in response["Content-Security-Policy"]
    assert hand_offs.url_of(HandOff.objects.get()) not in response.content.decode()
