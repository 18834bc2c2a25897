import threading
from collections.abc import Iterator

import pytest

from integrations.simulator import payloads
from integrations.simulator.payloads import Event, sign
from integrations.simulator.webhook_sender import Hooks, Pace
from tests.simulator.conftest import PERSONIO, Clock, seed
from tests.simulator.receiver import SECRET, Receiver, receiving, wait_until

QUICK = Pace(retries=(0.01, 0.01, 0.01, 0.01), late=0.3, flush=0.3, timeout=2, tick=0.01)


def hooks_to(url: str, secret: str = SECRET) -> Hooks:
    hooks = Hooks(url, secret, settle=lambda: False, clock=Clock())
    hooks.pace = QUICK
    return hooks


@pytest.fixture
def hooks(receiver: Receiver) -> Iterator[Hooks]:
    hooks = hooks_to(receiver.url)
    yield hooks
    hooks.close()


def event(name: str = "") -> Event:
    return payloads.created(seed()[PERSONIO], event_id=name)


def send(hooks: Hooks, *names: str, mode: str = "normal") -> None:
    for name in names:
        hooks.send(event(name), PERSONIO, mode=mode)


def ids(receiver: Receiver) -> list[str]:
    return [one["id"] for one in receiver.events]


def test_event_arrives_signed(hooks: Hooks, receiver: Receiver) -> None:
    send(hooks, "first")
    assert hooks.drain()
    [(headers, body)] = receiver.posts
    assert headers["Content-Type"] == "application/json"
    assert headers["X-Kombo-Signature"] == sign(body, SECRET)
    assert headers["path"] == "/hooks/?to=us"
    assert receiver.events == [event("first")]
    [delivery] = hooks.deliveries
    assert (delivery.outcome, delivery.status, delivery.attempts) == ("delivered", 204, 1)
    assert (delivery.event_id, delivery.type, delivery.integration_id) == (
        "first",
        "integration-created",
        PERSONIO,
    )
    assert delivery.at == Clock().now


def test_events_arrive_in_their_order(hooks: Hooks, receiver: Receiver) -> None:
    names = [f"{number}" for number in range(60)]
    send(hooks, *names)
    assert hooks.drain()
    assert ids(receiver) == names
    assert [one.event_id for one in hooks.deliveries] == names[:-51:-1]


@pytest.mark.parametrize("answer", [302, 404, 500])
def test_refused_events_are_tried_again(hooks: Hooks, receiver: Receiver, answer: int) -> None:
    receiver.answers = [answer, answer]
    send(hooks, "stubborn")
    assert hooks.drain()
    assert ids(receiver) == ["stubborn"] * 3
    assert (hooks.deliveries[0].outcome, hooks.deliveries[0].attempts) == ("delivered", 3)


def test_refused_events_are_given_up(hooks: Hooks, receiver: Receiver) -> None:
    receiver.answers = [404] * 5
    send(hooks, "hopeless")
    assert hooks.drain()
    [delivery] = hooks.deliveries
    assert (delivery.outcome, delivery.status, delivery.attempts) == ("failed", 404, 5)
    assert len(receiver.posts) == 5


def test_waits_grow_unless_a_test_is_in_a_hurry() -> None:
    assert Pace().retries == (0.5, 1, 2, 4)
    assert (Pace().late, Pace().flush) == (10, 2)


def test_an_event_that_fails_holds_up_no_other(hooks: Hooks, receiver: Receiver) -> None:
    hooks.pace = Pace(retries=(60,))
    receiver.answers = [500]
    send(hooks, "stuck", "free")
    receiver.wait_for(2)
    assert ids(receiver) == ["stuck", "free"]
    assert not hooks.drain(0)
    assert hooks.deliveries[1].outcome == "waiting"


def test_nobody_listening_is_a_failure_without_a_status() -> None:
    with receiving() as gone:
        url = gone.url
    hooks = hooks_to(url)
    send(hooks, "unheard")
    assert hooks.drain()
    [delivery] = hooks.deliveries
    assert (delivery.outcome, delivery.status, delivery.attempts) == ("failed", None, 5)


def test_duplicates_are_the_same_event(hooks: Hooks, receiver: Receiver) -> None:
    send(hooks, "a", "b", mode="duplicate")
    assert hooks.drain()
    assert ids(receiver) == ["a", "a", "b", "b"]
    assert len({body for _, body in receiver.posts}) == 2


def test_reordered_events_come_in_pairs_the_wrong_way_round(
    hooks: Hooks, receiver: Receiver
) -> None:
    hooks.pace = Pace(flush=60)
    send(hooks, "1", "2", "3", "4", mode="reordered")
    assert hooks.drain()
    assert ids(receiver) == ["2", "1", "4", "3"]


def test_an_event_that_waits_for_its_pair_goes_alone_in_the_end(
    hooks: Hooks, receiver: Receiver
) -> None:
    send(hooks, "lonely", mode="reordered")
    assert hooks.deliveries[0].outcome == "waiting"
    assert hooks.drain()
    send(hooks, "next", mode="reordered")
    assert hooks.drain()
    assert ids(receiver) == ["lonely", "next"]


def test_late_events_are_overtaken(hooks: Hooks, receiver: Receiver) -> None:
    send(hooks, "late", mode="late")
    send(hooks, "prompt")
    assert hooks.drain()
    assert ids(receiver) == ["prompt", "late"]


def test_lost_events_are_remembered_but_not_sent(hooks: Hooks, receiver: Receiver) -> None:
    send(hooks, "lost", mode="lost")
    send(hooks, "found")
    assert hooks.drain()
    assert ids(receiver) == ["found"]
    assert [one.outcome for one in hooks.deliveries] == ["delivered", "lost"]


def test_nothing_happens_without_an_address() -> None:
    hooks = hooks_to("", "")
    before = threading.active_count()
    send(hooks, "nobody")
    hooks.open()
    assert hooks.deliveries == []
    assert threading.active_count() == before


NO_ADDRESSES = [
    ("ftp://site/", "s"),
    ("site/hooks", "s"),
    ("http://", "s"),
    ("http://site:x/", "s"),
    ("http://site/", ""),
]


@pytest.mark.parametrize(("url", "secret"), NO_ADDRESSES)
def test_an_address_must_be_one(url: str, secret: str) -> None:
    with pytest.raises(ValueError, match=r"address|[Pp]ort"):
        hooks_to(url, secret)


def test_closed_hooks_keep_their_events(hooks: Hooks, receiver: Receiver) -> None:
    hooks.close()
    send(hooks, "kept")
    assert not hooks.drain(0.05)
    assert receiver.posts == []
    hooks.open()
    assert hooks.drain()
    assert ids(receiver) == ["kept"]


def test_reset_forgets_what_was_and_what_was_to_come(hooks: Hooks, receiver: Receiver) -> None:
    hooks.pace = Pace(retries=(600,), late=600)
    receiver.answers = [500]
    send(hooks, "tried")
    receiver.wait_for(1)
    send(hooks, "later", mode="late")
    hooks.reset()
    assert hooks.deliveries == []
    hooks.pace = Pace(retries=(0.05,), late=0.05)
    send(hooks, "new", mode="late")
    assert hooks.drain()
    assert ids(receiver) == ["tried", "new"]


def test_reset_waits_for_what_is_on_the_wire_without_retry(
    hooks: Hooks, receiver: Receiver
) -> None:
    receiver.gate.clear()
    receiver.answers = [500]
    send(hooks, "on the wire")
    receiver.wait_for(1)
    resetting = threading.Thread(target=hooks.reset)
    resetting.start()
    resetting.join(0.05)
    assert resetting.is_alive()
    receiver.gate.set()
    resetting.join()
    send(hooks, "after", mode="late")
    assert hooks.drain()
    assert ids(receiver) == ["on the wire", "after"]


def test_thread_ends_with_the_work(hooks: Hooks, receiver: Receiver) -> None:
    for number in (1, 2):
        send(hooks, f"{number}")
        wait_until(
            lambda: not [one for one in threading.enumerate() if one.name == "kombo-webhooks"]
        )
        assert len(receiver.posts) == number


def test_waiting_worlds_are_asked_again() -> None:
    asked = iter(range(5))
    hooks = Hooks(
        "http://127.0.0.1:9/", SECRET, settle=lambda: next(asked, None) is not None, clock=Clock()
    )
    hooks.pace = QUICK
    hooks.wake()
    wait_until(lambda: next(asked, None) is None)
    hooks.close()
