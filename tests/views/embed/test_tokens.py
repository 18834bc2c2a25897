"""Every way in which a token can be wrong: it buys nothing, shows nothing, and is no error of
ours.
"""

import json
import time
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from django.test import Client

from integrations.models import EmbedSession, Integration, SpentToken, Tenant
from tests.concurrency import crowd, seed
from tests.conftest import Connect
from tests.embed import (
    ENVIRONMENT,
    MISSING,
    OLD_KID,
    OLD_SECRET,
    SECRET,
    SESSION,
    bearer,
    claims,
    encoded,
    enter,
    exchange,
    header,
    signed,
    token,
    turn_on,
    url,
)

type Make = Callable[[], str]
GOOD_HEADER = json.dumps(header()).encode()


def altered(change: Callable[[list[str]], None]) -> Make:
    """A good token with its parts changed."""

    def make() -> str:
        parts = token().split(".")
        change(parts)
        return ".".join(parts)

    return make


def at(*, iat: Any = 0, exp: Any = 300) -> Make:
    """A token with these times, counted from now."""
    return lambda: token(iat=int(time.time()) + iat, exp=int(time.time()) + exp)


def with_header(digest: str = "sha256", secret: str = SECRET, **head: Any) -> Make:
    return lambda: token(head, digest=digest, secret=secret)


def having(**other: Any) -> Make:
    return lambda: token(**other)


def of_bytes(payload: Callable[[], bytes], head: bytes = GOOD_HEADER) -> Make:
    """Any two parts, rightly signed."""
    return lambda: signed(head, payload())


def payload() -> bytes:
    return json.dumps(claims()).encode()


def literal(name: str, value: str) -> Make:
    """A token with a value that Python would not write."""
    return of_bytes(lambda: json.dumps(claims(**{name: "HERE"})).replace('"HERE"', value).encode())


ALGORITHMS: dict[str, tuple[Make, str]] = {
    "none": (lambda: token({"alg": "none"}).rpartition(".")[0] + ".", "bad_algorithm"),
    "none, signed": (with_header(alg="none"), "bad_algorithm"),
    "None": (with_header(alg="None"), "bad_algorithm"),
    "HS384": (with_header("sha384", alg="HS384"), "bad_algorithm"),
    "HS512": (with_header("sha512", alg="HS512"), "bad_algorithm"),
    "RS256, signed with the secret": (with_header(alg="RS256"), "bad_algorithm"),
    "ES256": (with_header(alg="ES256"), "bad_algorithm"),
    "hs256": (with_header(alg="hs256"), "bad_algorithm"),
    "no algorithm": (with_header(alg=MISSING), "bad_algorithm"),
    "a list of algorithms": (with_header(alg=["HS256"]), "bad_algorithm"),
    "null as algorithm": (with_header(alg=None), "bad_algorithm"),
    "a critical header": (with_header(crit=["x"], x=1), "token_malformed"),
    "no base64": (with_header(b64=False, crit=["b64"]), "token_malformed"),
}
SIGNATURES: dict[str, tuple[Make, str]] = {
    "no signature": (altered(lambda parts: parts.__setitem__(2, "")), "bad_signature"),
    "a garbled signature": (altered(lambda parts: parts.__setitem__(2, parts[2][::-1])), "*"),
    "a short signature": (
        altered(lambda parts: parts.__setitem__(2, parts[2][:20])),
        "bad_signature",
    ),
    "a signature of zeros": (
        altered(lambda parts: parts.__setitem__(2, encoded(bytes(32)))),
        "bad_signature",
    ),
    "another payload": (
        altered(lambda parts: parts.__setitem__(1, encoded(payload()))),
        "bad_signature",
    ),
    "another's secret": (with_header(secret="s" * 40), "bad_signature"),
    "an empty secret": (with_header(secret=""), "bad_signature"),
    "the secret of another kid": (with_header(secret=OLD_SECRET), "bad_signature"),
    "a kid of another secret": (with_header(kid=OLD_KID), "bad_signature"),
    "no kid": (with_header(kid=MISSING), "unknown_key"),
    "an unknown kid": (with_header(kid="nobody"), "unknown_key"),
    "an empty kid": (with_header(kid=""), "unknown_key"),
    "a number as kid": (with_header(kid=1), "token_malformed"),
    "a list as kid": (with_header(kid=["host-2026"]), "token_malformed"),
    "an object as kid": (with_header(kid={"a": 1}), "token_malformed"),
    "null as kid": (with_header(kid=None), "token_malformed"),
    "a path as kid": (with_header(kid="../../../dev/null", secret=""), "unknown_key"),
    "a query as kid": (with_header(kid="' OR 1=1 --"), "unknown_key"),
    "a NUL in the kid": (with_header(kid="host-2026\0"), "unknown_key"),
    "a key of its own": (
        with_header(secret="mine", jwk={"kty": "oct", "k": encoded(b"mine")}),
        "bad_signature",
    ),
}
TIMES: dict[str, tuple[Make, str]] = {
    "expired": (at(iat=-400, exp=-100), "token_expired"),
    "from the future": (at(iat=100, exp=400), "token_immature"),
    "301 seconds": (at(exp=301), "too_long"),
    "ten years": (at(exp=315_360_000), "too_long"),
    "over before it began": (at(iat=20, exp=10), "too_long"),
    "no time at all": (at(iat=20, exp=20), "too_long"),
    "iat in 1970": (having(iat=0), "too_long"),
    "iat before 1970": (having(iat=-1), "too_long"),
    "exp before 1970": (having(exp=-1), "token_expired"),
    "iat as a fraction": (at(iat=0.5), "bad_times"),
    "exp as a fraction": (at(exp=299.5), "bad_times"),
    "iat as text": (lambda: token(iat=str(int(time.time()))), "bad_times"),
    "exp as text": (lambda: token(exp=str(int(time.time()) + 60)), "bad_times"),
    "iat as words": (having(iat="now"), "token_malformed"),
    "iat as true": (having(iat=True), "bad_times"),
    "exp as true": (having(exp=True), "token_expired"),
    "iat as a list": (having(iat=[1]), "token_malformed"),
    "exp as an object": (having(exp={}), "token_malformed"),
    "iat huge": (having(iat=10**400), "token_immature"),
    "exp huge": (having(exp=10**400), "too_long"),
    "iat of 2200 digits": (literal("iat", "1" * 2200), "token_immature"),
    **{
        f"iat {value}": (literal("iat", value), "token_malformed")
        for value in ("NaN", "Infinity", "-Infinity", "1e999")
    },
    **{
        f"exp {value}": (literal("exp", value), "token_malformed")
        for value in ("NaN", "Infinity", "1e999")
    },
    "not before tomorrow": (lambda: token(nbf=int(time.time()) + 86_400), "token_immature"),
    "nbf NaN": (literal("nbf", "NaN"), "token_malformed"),
}
CLAIMS: dict[str, tuple[Make, str]] = {
    **{
        f"no {name}": (having(**{name: MISSING}), "missing_claim")
        for name in ("sub", "jti", "iat", "exp")
    },
    **{
        f"null as {name}": (having(**{name: None}), "missing_claim")
        for name in ("aud", "sub", "jti", "iat", "exp")
    },
    "null as scope": (having(scope=None), "bad_scope"),
    "no aud": (having(aud=MISSING), "missing_claim"),
    "no scope": (having(scope=MISSING), "bad_scope"),
    "no claim": (of_bytes(lambda: b"{}"), "missing_claim"),
    "aud as a list": (having(aud=["kombo-dashboard/embed"]), "bad_audience"),
    "another aud": (having(aud="kombo-dashboard"), "bad_audience"),
    "aud in another case": (having(aud="Kombo-Dashboard/embed"), "bad_audience"),
    "sub as a number": (having(sub=1), "bad_sub"),
    "sub as a list": (having(sub=["acme"]), "bad_sub"),
    "an empty sub": (having(sub=""), "bad_sub"),
    "sub of a NUL": (having(sub="acme\0"), "bad_sub"),
    "sub of half a character": (literal("sub", '"\\ud800"'), "bad_sub"),
    "sub of 201 characters": (having(sub="a" * 201), "bad_sub"),
    "sub in another case": (having(sub="ACME"), "unknown_tenant"),
    "sub with a space": (having(sub=" acme"), "unknown_tenant"),
    "sub with a wildcard": (having(sub="%"), "unknown_tenant"),
    "an unknown sub": (having(sub="nobody"), "unknown_tenant"),
    "sub of other letters": (having(sub="аcme"), "unknown_tenant"),
    "jti as a number": (having(jti=7), "bad_jti"),
    "an empty jti": (having(jti=""), "bad_jti"),
    "jti of a line": (having(jti="a\nb"), "bad_jti"),
    "jti of half a character": (literal("jti", '"\\udfff"'), "bad_jti"),
    "jti of 201 characters": (having(jti="a" * 201), "bad_jti"),
    "scope as text": (having(scope="view repair"), "bad_scope"),
    "scope as an object": (having(scope={"view": True}), "bad_scope"),
    "an empty scope": (having(scope=[]), "bad_scope"),
    "only repair": (having(scope=["repair"]), "bad_scope"),
    "an unknown scope": (having(scope=["view", "admin"]), "bad_scope"),
    "lists in the scope": (having(scope=["view", ["repair"]]), "bad_scope"),
    "the claims twice, the last being bad": (
        literal("aud", '"kombo-dashboard/embed","aud":"x"'),
        "bad_audience",
    ),
    "the tenant twice, the last being nobody": (
        literal("sub", '"acme","sub":"nobody"'),
        "unknown_tenant",
    ),
}
SHAPES: dict[str, tuple[Make, str]] = {
    "nothing": (lambda: "", "token_malformed"),
    "a word": (lambda: "token", "token_malformed"),
    "dots": (lambda: "..", "token_malformed"),
    "two parts": (altered(lambda parts: parts.__delitem__(2)), "token_malformed"),
    "four parts": (altered(lambda parts: parts.append("x")), "token_malformed"),
    "five parts, as of an encrypted one": (
        altered(lambda parts: parts.extend(["x", "y"])),
        "token_malformed",
    ),
    "more than 4096 characters": (having(more="x" * 4096), "token_malformed"),
    "no base64 in the header": (
        altered(lambda parts: parts.__setitem__(0, "!!!!")),
        "token_malformed",
    ),
    "no base64 in the payload": (
        altered(lambda parts: parts.__setitem__(1, "ä+/=")),
        "token_malformed",
    ),
    "blanks inside": (
        altered(lambda parts: parts.__setitem__(1, parts[1][:9] + " " + parts[1][9:])),
        "*",
    ),
    "letters from elsewhere": (lambda: "é" * 40, "token_malformed"),
    "a header deep inside": (of_bytes(payload, b"[" * 1400), "token_malformed"),
    "objects deep inside the header": (
        of_bytes(payload, b'{"a":' * 280 + b"1" + b"}" * 280),
        "unknown_key",
    ),
    "a payload deep inside": (of_bytes(lambda: b"[" * 2800), "token_malformed"),
    "a claim deep inside": (literal("scope", "[" * 1200 + "]" * 1200), "*"),
    "a list as header": (of_bytes(payload, b"[]"), "token_malformed"),
    "a list as payload": (of_bytes(lambda: b"[]"), "token_malformed"),
    "text as payload": (of_bytes(lambda: b'"acme"'), "token_malformed"),
    "no JSON": (of_bytes(lambda: b"{"), "token_malformed"),
    "bytes as payload": (of_bytes(lambda: b"\xff\xfe\x00"), "token_malformed"),
    "UTF-16 as header": (of_bytes(payload, '{"alg":"none"}'.encode("utf-16")), "*"),
}
BAD = {**ALGORITHMS, **SIGNATURES, **TIMES, **CLAIMS, **SHAPES}
CODES = {code for _make, code in BAD.values()} - {"*"}
INNER = (
    "integration",
    "card",
    "coverage_fields",
    "coverage_csv",
    "history",
    "statement",
    "statement_csv",
    "statement_json",
    "check",
    "reconnect",
    "set_up",
)


@pytest.fixture
def theirs(settings: Any, acme: Tenant, connect: Connect) -> Integration:
    turn_on(settings)
    return connect(acme, state="invalid")


def is_told_nothing(response: Any, theirs: Integration) -> bool:
    said = f"{response.content.decode()}{response.headers}{response.cookies}"
    secrets = (
        "Acme",
        theirs.tenant.public_id,
        theirs.public_id,
        theirs.integration_id,
        "Personio",
        SECRET,
        "kombo_",
    )
    return not response.cookies and not any(secret in said for secret in secrets)


def test_there_are_many() -> None:
    assert len(BAD) >= 100
    assert len(CODES) >= 12


def test_a_bad_token_buys_nothing_and_is_told_why(client: Client, theirs: Integration) -> None:
    """All of them in one world, since making it is what takes the time."""
    for name, (make, code) in BAD.items():
        response = exchange(client, make())
        answer = response.json()
        assert response.status_code == (404 if answer["error"] == "unknown_tenant" else 401), name
        assert set(answer) == {"error", "message"}, name
        assert answer["error"] == code or (code == "*" and answer["error"] in CODES), (name, answer)
        assert ("WWW-Authenticate" in response) == (response.status_code == 401), name
        assert "no-store" in response["Cache-Control"], name
        assert is_told_nothing(response, theirs), name
        assert not EmbedSession.objects.exists(), name
        assert not SpentToken.objects.exists(), name


def test_no_bad_token_is_a_key(client: Client, theirs: Integration) -> None:
    address = url("tenant", theirs.tenant.public_id)
    for name, (make, _code) in BAD.items():
        response = client.get(address, headers=bearer(make()))
        assert (response.status_code, response.content) == (401, b""), name
        assert is_told_nothing(response, theirs), name


def test_no_token_is_a_key_to_anything(
    client: Client, theirs: Integration, subtests: pytest.Subtests
) -> None:
    for name in ["a good token", "none", "expired"]:
        with subtests.test(name=name):
            shown = token() if name == "a good token" else BAD[name][0]()
            there = theirs.tenant.public_id
            addresses = [url(one, there) for one in ("tenant", "banner", "badge")]
            for address in [*addresses, *(url(one, there, theirs.public_id) for one in INNER)]:
                for method in ("GET", "POST"):
                    response = client.generic(method, address, headers=bearer(shown))
                    assert (response.status_code, response.content) == (401, b""), address
                    assert is_told_nothing(response, theirs), address


def test_a_token_buys_once(client: Client, theirs: Integration) -> None:
    good = token()
    assert exchange(client, good).status_code == 200
    again = exchange(client, good)
    assert (again.status_code, again.json()["error"]) == (401, "token_spent")
    assert is_told_nothing(again, theirs)
    assert EmbedSession.objects.count() == SpentToken.objects.count() == 1


WRONG_PLACES: dict[str, Callable[[Client, str], Any]] = {
    "in the address": lambda client, good: client.post(
        f"{SESSION}?token={good}&access_token={good}"
    ),
    "in the body": lambda client, good: client.post(SESSION, {"token": good, "access_token": good}),
    "as JSON": lambda client, good: client.post(
        SESSION, json.dumps({"token": good}), content_type="application/json"
    ),
    "as a cookie": lambda client, good: client.post(
        SESSION, headers={"Cookie": f"Authorization=Bearer {good}"}
    ),
    "as Basic": lambda client, good: client.post(
        SESSION, headers={"Authorization": f"Basic {good}"}
    ),
    "without a scheme": lambda client, good: client.post(SESSION, headers={"Authorization": good}),
    "in another header": lambda client, good: client.post(
        SESSION, headers={"X-Authorization": f"Bearer {good}"}
    ),
    # As a web server hands two headers of one name on.
    "in two headers": lambda client, good: exchange(client, f"{good},Bearer {good}"),
    "in two headers, one being bad": lambda client, good: exchange(client, f"x, Bearer {good}"),
    "quoted": lambda client, good: exchange(client, f'"{good}"'),
    "by GET": lambda client, good: client.get(SESSION, headers=bearer(good)),
}


def test_a_good_token_in_the_wrong_place_buys_nothing(
    client: Client, theirs: Integration, subtests: pytest.Subtests
) -> None:
    for place in WRONG_PLACES:
        with subtests.test(place=place):
            good, before = token(), EmbedSession.objects.count()
            response = WRONG_PLACES[place](client, good)
            assert response.status_code == (405 if place == "by GET" else 401)
            assert is_told_nothing(response, theirs)
            assert EmbedSession.objects.count() == before
            assert exchange(client, good).status_code == 200  # it was good all the while


def test_a_key_counts_in_its_header_only(client: Client, theirs: Integration) -> None:
    frame = enter(client)
    page = frame.on("tenant")
    tries: list[dict[str, str]] = [
        {"Cookie": f"key={frame.key}"},
        {"Authorization": f"Basic {frame.key}"},
    ]
    for headers in [
        *tries,
        {"Authorization": frame.key},
        bearer(f"{frame.key},{frame.key}"),
        bearer(f"{frame.key}x"),
    ]:
        assert client.get(page, {"key": frame.key}, headers=headers).status_code == 401
    assert frame.get(page).status_code == 200
    assert client.get(page, headers={"Authorization": f"bearer  {frame.key} "}).status_code == 200


def test_of_40_at_once_with_one_token_exactly_one_gets_in(
    shared_database: Mapping[str, str],
) -> None:
    environment = {**shared_database, **ENVIRONMENT, "CROWD_TOKEN": token()}
    seed()
    answers = crowd("newcomer", environment, processes=2, threads=20)
    assert sorted(answers) == [200] + [401] * 39
