"""What `tests.bench.soak` does to the site: webhooks, viewers, frames of hosts, and mails."""

import http.client
import json
import random
import threading
import time
import uuid
from collections import Counter
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.bench.site import SECRET, TENANT, connect, names

INTEGRATIONS = 40
# The one tenant with one integration: a flow in Kombo Connect that failed is about that one.
LONELY = "lonely"
# A password that nobody has, so that nothing is spent on making it.
PASSWORD = "pbkdf2_sha256$1$x$AAAA"


@dataclass
class Told:
    """The webhooks that were taken, by kind, what became of single attempts, how many sessions each
    embed token bought, and who was promised a mail.
    """

    taken: list[tuple[str, str]] = field(default_factory=list)
    answers: Counter[int | str] = field(default_factory=Counter)
    sessions: Counter[str] = field(default_factory=Counter)
    asked: list[str] = field(default_factory=list)
    over: threading.Event = field(default_factory=threading.Event)

    def send_forever(self, number: int) -> None:
        """Send one after the other; a tenth of them twice."""
        from tests.webhook_payloads import encoded, event

        count = 0
        while not self.over.wait(random.uniform(0.1, 0.4)):
            count += 1
            kind, data = _news(f"{number} {count}")
            event_id = f"{number} {count} {kind}"
            body = encoded(event(kind, event_id, **data))
            for _ in range(random.choice([1] * 9 + [2])):
                self._deliver(body)
            self.taken.append((kind, event_id))

    def _deliver(self, body: bytes) -> None:
        """As one would who has learned that some attempts fail: until it is taken, even when all is
        over.
        """
        from integrations.kombo.webhooks import sign

        headers = {"X-Kombo-Signature": sign(body, SECRET), "Content-Type": "application/json"}
        while True:
            with closing(connect()) as connection:
                answer = ask(connection, "POST", "/webhooks/kombo/production/", body, headers)
            self.answers[answer] += 1
            if answer == 200:
                return
            time.sleep(0.1)

    def look_forever(self, session: str, path: str, ids: list[str]) -> None:
        """Look at cards."""
        headers = {"Cookie": f"sessionid={session}", "HX-Request": "true"}
        while not self.over.wait(0.1):
            with closing(connect()) as connection:
                ask(connection, "GET", f"{path}/poll/?seen={random.choice(ids)}.", None, headers)

    def embed_forever(self) -> None:
        """Show a token, often to two at once, and look with what it buys."""
        from integrations.access import embed_sessions

        while not self.over.wait(random.uniform(0.5, 1.5)):
            token = embed_sessions.mint(TENANT)
            keys: list[str] = []
            threads = [
                threading.Thread(target=self._exchange, args=(token, keys))
                for _ in range(random.choice([1, 2]))
            ]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            self.sessions[token] += len(keys)
            for key in keys:
                self._look_in_frame(key)

    def _exchange(self, token: str, keys: list[str]) -> None:
        headers = {"Authorization": f"Bearer {token}"}
        with closing(connect()) as connection:
            try:
                connection.request("POST", "/embed/session", b"view=list", headers)
                with connection.getresponse() as response:
                    body = response.read()
            except (OSError, http.client.HTTPException) as error:
                self.answers[type(error).__name__] += 1
                return
        self.answers[response.status] += 1
        if response.status == 200:
            keys.append(json.loads(body)["key"])

    def _look_in_frame(self, key: str) -> None:
        from integrations.models import Tenant

        tenant = Tenant.objects.get(origin_id=TENANT).public_id
        for _look in range(3):
            with closing(connect()) as connection:
                headers = {"Authorization": f"Bearer {key}"}
                self.answers[ask(connection, "GET", f"/embed/t/{tenant}/", None, headers)] += 1

    def ask_forever(self) -> None:
        """Ask for mails, each for an account of its own."""
        from django.contrib.auth.models import User
        from django.db import DatabaseError

        from integrations.mail import password_resets

        while not self.over.wait(random.uniform(0.2, 0.8)):
            email = f"{uuid.uuid4().hex}@bench.example"
            try:
                User.objects.create(username=email[:32], email=email, password=PASSWORD)
                password_resets.ask(email, language="en")
            except DatabaseError:  # whether it was asked is unknown, as to whoever would ask
                continue
            self.asked.append(email)


def _news(number: str) -> tuple[str, dict[str, Any]]:
    """Something that happens now."""
    now, integration = datetime.now(UTC), random.choice(names(INTEGRATIONS))
    sync = {"sync_id": number, "sync_started_at": now - timedelta(minutes=1), "sync_ended_at": now}
    issue = {"issue__id": f"{integration} {random.randrange(3)}", "issue__first_observed_at": now}
    resolved = {"change": "resolved", "issue__status": "RESOLVED", "issue__resolved_at": now}
    choices: list[tuple[str, dict[str, Any]]] = [
        ("connection-flow-failed", {"end_user__origin_id": LONELY}),
        ("sync-finished", {"integration_id": integration, "sync_state": "FAILED", **sync}),
        ("sync-finished", {"integration_id": integration, "sync_state": "SUCCEEDED", **sync}),
        (
            "integration-state-changed",
            {"integration_id": integration, "state": "INVALID", "updated_at": now},
        ),
        (
            "integration-state-changed",
            {"integration_id": integration, "state": "ACTIVE", "updated_at": now},
        ),
        (
            "issue-status-changed",
            {"integration__id": integration, **issue, **random.choice([{}, resolved])},
        ),
    ]
    return random.choice(choices)


def ask(
    connection: http.client.HTTPConnection,
    method: str,
    path: str,
    body: bytes | None,
    headers: dict[str, str],
) -> int | str:
    try:
        connection.request(method, path, body, headers)
        with connection.getresponse() as response:
            response.read()
            return response.status
    except (OSError, http.client.HTTPException) as error:
        return type(error).__name__
