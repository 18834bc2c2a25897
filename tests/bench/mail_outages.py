"""What a mail server can do to us, a part of `tests.bench.our_outages`: real conversations, after
which the clock is moved ahead to the next attempt.
"""

import uuid
from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple

from tests.smtp_server import PostOffice

if TYPE_CHECKING:
    from integrations.models import Mail

LATER = timedelta(hours=2)


class Case(NamedTuple):
    """How it refuses a recipient, at which point it hangs or hangs up, and what becomes of a mail
    at once and in the end.
    """

    refuses: str = ""
    point: str = ""
    breaks_off: bool = False
    first: str = "waiting"
    last: str = "sent"


CASES = {
    "works": Case(first="sent"),
    "says 451": Case(refuses="451 later"),
    "says 421": Case(refuses="421 too busy"),
    "says 550": Case(refuses="550 no such person", first="failed", last="failed"),
    "hangs up before it greets": Case(point="connected", breaks_off=True),
    "hangs before it greets": Case(point="connected"),
    # Sending has begun, so nobody knows whether it arrives: it is never sent again by itself.
    "hangs at MAIL": Case(point="sender", first="unclear", last="unclear"),
    "hangs after DATA": Case(point="data", first="unclear", last="unclear"),
    "hangs up after DATA": Case(point="data", breaks_off=True, first="unclear", last="unclear"),
    "takes it and hangs up": Case(point="taken", breaks_off=True, first="unclear", last="unclear"),
    "works again": Case(first="sent"),
}


def mails(office: PostOffice) -> list[str]:
    """Send a mail in each case. Return what went otherwise."""
    import time_machine
    from django.utils import timezone

    from integrations.mail import delivery
    from integrations.mail.status import status_of

    wrong = []
    for name, case in CASES.items():
        office.refusing, office.breaks_off = case.refuses, case.breaks_off
        office.hang(case.point)
        mail = _written()
        began = timezone.now()
        delivery.send_due()
        seconds = (timezone.now() - began).total_seconds()
        mail.refresh_from_db()
        first = status_of(mail, timezone.now())
        office.refusing = ""
        office.hang("")
        with time_machine.travel(timezone.now() + LATER):
            delivery.send_due()
            mail.refresh_from_db()
            last = status_of(mail, timezone.now())
        print(f"mail server {name}: {first} after {seconds:.0f} s, then {last}", flush=True)
        if (first, last) != (case.first, case.last):
            wrong.append(f"mail server {name}: {first}, {last}; not {case.first}, {case.last}")
        if last != "unclear":
            mail.delete()
    twice = [key for key, times in office.taken.items() if times > 1]
    return wrong + ([f"{len(twice)} emails taken twice"] if twice else [])


def _written() -> "Mail":
    """Return a mail that is due."""
    from django.contrib.auth.models import User

    from integrations.mail import password_resets
    from integrations.models import Mail
    from tests.bench.soak_load import PASSWORD

    email = f"{uuid.uuid4().hex}@bench.example"
    User.objects.create(username=email[:32], email=email, password=PASSWORD)
    password_resets.ask(email, language="en")
    password_resets.write_due()
    return Mail.objects.get(to=email)
