"""Use the site for a while under faults and kills: `python -m tests.bench.soak [--minutes 30]`.

Two sites share a port, and two workers a database; one of each is killed every few seconds, or one
of its processes. Webhooks arrive, each sent again until it is taken; cards are looked at; hosts
embed, with tokens that are shown twice; mails are asked for; Kombo and the mail server fail in ever
other ways. Afterwards nothing may be lost, done twice or stuck, and the memory of what was not
killed must not have grown. Exits with 1 if anything is. `TEST_DATABASE_URL` chooses another
database than a SQLite file: `.ci/with-postgres python -m tests.bench.soak`.
"""

import argparse
import os
import random
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial

from integrations.simulator.app import Simulator
from integrations.simulator.server import serve
from tests.bench.site import API_KEY, PORT, names, prepare
from tests.bench.soak_checks import problems, settle
from tests.bench.soak_load import INTEGRATIONS, LONELY, Told
from tests.bench.soak_processes import Steady, Victims
from tests.bench.worker import fill
from tests.smtp_server import PostOffice, post_office

SENDERS, LOOKERS, HOSTS, ASKERS = 4, 4, 2, 1
FAULTS = [
    "none",
    "none",
    "none",
    "slow",
    "hanging",
    "unavailable",
    "reset",
    "wrong_json",
    "rate_limited",
    "gzip_bomb",
]
REFUSALS = ["", "", "", "451 try again later"]
STEEPEST = (
    0.5  # megabytes a minute that memory may grow by; of fewer than LONG minutes none is said
)
LONG = 8

os.environ |= {
    "WORKER_MAX_AGE": "10",
    "SNAPSHOT_MAX_AGE": "2",
    "KOMBO_CALLS_PER_SECOND": "20",
    "EMAIL_HOST": "127.0.0.1",
    "EMAIL_USE_TLS": "0",
    "SITE_URL": f"http://127.0.0.1:{PORT}",
    "EMBED_ORIGINS": "https://host.example",
    "EMBED_SECRETS": "bench:a-secret-of-the-bench-of-32-letters",
}


def prepare_lonely(kombo: Simulator) -> None:
    """One more tenant, with one integration."""
    from integrations.models import Tenant
    from integrations.tenants import mapping

    details = kombo.details(names(1)[0]) or {}
    owner = {**details["end_user"], "origin_id": LONELY}
    kombo.add({**details, "id": f"personio:{LONELY}", "end_user": owner})
    mapping.create(Tenant.objects.create(name="Lonely", origin_id=LONELY), f"personio:{LONELY}")


def load(told: Told, session: str, path: str, ids: list[str]) -> list[threading.Thread]:
    """Start all who use the site, until it is over."""
    jobs: list[Callable[[], None]] = [
        *(partial(told.send_forever, number) for number in range(SENDERS)),
        *[partial(told.look_forever, session, path, ids)] * LOOKERS,
        *[told.embed_forever] * HOSTS,
        *[told.ask_forever] * ASKERS,
    ]
    threads = [threading.Thread(target=job, daemon=True) for job in jobs]
    for thread in threads:
        thread.start()
    return threads


def disturb(
    seconds: float, kombo: Simulator, office: PostOffice, victims: Victims, steady: Steady
) -> None:
    """Break something every few seconds."""
    began = time.monotonic()
    while time.monotonic() - began < seconds:
        time.sleep(random.uniform(1, 3))
        kombo.set_fault(random.choice(FAULTS))
        office.refusing = random.choice(REFUSALS)
        victims.kill_one()
        steady.measure()
    kombo.set_fault("none")
    office.refusing = ""


def grown(steady: Steady, minutes: float) -> list[str]:
    """Say how memory went. Return what grew."""
    found = []
    for name, (slope, first, last) in steady.slopes().items():
        print(f"memory of {name}: {first:.0f} to {last:.0f} MB, {slope:+.2f} MB a minute")
        if minutes >= LONG and slope > STEEPEST:
            found.append(f"the memory of {name} grows by {slope:.2f} MB a minute")
    return found


def soak(minutes: float, office: PostOffice) -> list[str]:
    """Return what was found."""
    os.environ["EMAIL_PORT"] = str(office.port)
    kombo = Simulator(api_key=API_KEY, rate_limit=1_000_000)
    fill(kombo, INTEGRATIONS)
    server = serve(kombo, 0)
    session, path = prepare(kombo.public_url, integrations=INTEGRATIONS)
    prepare_lonely(kombo)
    from integrations.models import Integration, Snapshot

    ids = list(
        Integration.objects.filter(tenant__origin_id="bench").values_list("public_id", flat=True)
    )
    # A first fetch, so that webhooks find integrations at work.
    subprocess.run([sys.executable, "manage.py", "run_worker", "--once"], check=True)
    assert not Snapshot.objects.filter(fetched_at=None).exists()

    told, steady, victims = Told(), Steady(), Victims()
    threads = load(told, session, path, ids)
    try:
        disturb(minutes * 60, kombo, office, victims, steady)
        told.over.set()
        for thread in threads:
            thread.join()
        ended = datetime.now(UTC)
        took = settle(ended)
    finally:
        victims.kill_all()
        steady.stop()
    found = problems(told, office, ended)
    print(
        f"{len(told.taken)} webhooks taken, {len(told.sessions)} embed tokens, {len(told.asked)} "
        f"emails asked for, {len(office.taken)} taken by the mail server in {minutes:g} minutes; "
        f"answers: {dict(told.answers)}"
    )
    print(
        f"killed: {dict(victims.killed)}; calls to Kombo: {sum(kombo.calls.values())}; settled "
        f"after {took:.0f} s"
    )
    server.shutdown()
    return found + grown(steady, minutes)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    options.add_argument("--minutes", type=float, default=30)
    with post_office() as office:
        found = soak(options.parse_args().minutes, office)
    print("\n".join(found) or "Nothing lost, nothing done twice, nothing stuck.")
    sys.exit(1 if found else 0)


if __name__ == "__main__":
    main()
