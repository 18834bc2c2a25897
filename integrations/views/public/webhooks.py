"""Where Kombo's webhooks arrive."""

import logging

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse, UnreadablePostError
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from integrations import counters
from integrations.kombo.webhooks import MAX_BYTES, BadEvent, is_signed, looks_signed
from integrations.webhooks import inbox

logger = logging.getLogger(__name__)

LONGEST_NAME = 50  # characters of a made-up environment that the log shows


@csrf_exempt
@login_not_required
@require_POST
def receive(request: HttpRequest, environment: str) -> HttpResponse:
    """Return 200 for an event that is kept, now or before; 401, 413 or 400 for one that can't be.

    Source: https://docs.kombo.dev/webhooks
    """
    if _length(request) > MAX_BYTES:
        return HttpResponse(status=413)
    signature = request.headers.get("X-Kombo-Signature", "")
    secrets = settings.KOMBO_ENVIRONMENTS.get(environment, {}).get("WEBHOOK_SECRETS", [])
    # Whoever can't have signed need not be listened to: a body may take its time.
    if not secrets or not looks_signed(signature):
        return _refused(environment, signature)
    try:
        body = _body(request)
    except UnreadablePostError:  # the sender went away
        return HttpResponse(status=400)
    if len(body) > MAX_BYTES:
        return HttpResponse(status=413)
    if not is_signed(body, signature, secrets):
        return _refused(environment, signature)
    try:
        inbox.receive(environment, body)
    except inbox.TooOld:
        logger.warning(
            "Environment %s: a signed webhook of before EVENT_RETENTION_DAYS was refused",
            environment,
        )
        counters.EVENTS.add(environment, "rejected")
        return HttpResponse(status=400)
    except BadEvent:
        logger.warning(
            "Environment %s: a signed webhook that can't be read was refused", environment
        )
        counters.EVENTS.add(environment, "rejected")
        return HttpResponse(status=400)
    except DatabaseError as error:
        # Nothing is kept, and Kombo has to know: the one case in which we do not answer 2xx or 4xx.
        logger.error("A webhook could not be stored", exc_info=error)
        return HttpResponse(status=503, headers={"Retry-After": "5"})
    return HttpResponse(status=200)


receive.reads_raw_body = True  # type: ignore[attr-defined] # the middleware leaves it to us


def _refused(environment: str, signature: str) -> HttpResponse:
    """The same for all, but told apart in the log: which of both is to be set right."""
    counters.EVENTS.add(environment, "rejected")
    name = environment[:LONGEST_NAME]
    config = settings.KOMBO_ENVIRONMENTS.get(environment)
    if config is None:
        logger.warning("A webhook for %s was refused: KOMBO_ENVIRONMENTS has no such name", name)
    elif not config["WEBHOOK_SECRETS"]:
        logger.warning("Environment %s: a webhook was refused, as no secret is set", name)
    elif not looks_signed(signature):
        logger.warning("Environment %s: a webhook without a signature was refused", name)
    else:
        logger.warning(
            "Environment %s: a webhook was refused, as none of its secrets made the signature", name
        )
    return HttpResponse(status=401)


def _length(request: HttpRequest) -> int:
    try:
        return int(request.META.get("CONTENT_LENGTH") or 0)
    except ValueError:
        return 0


def _body(request: HttpRequest) -> bytes:
    """The body; of one that came in chunks as much as shows that it is too long. Raises
    UnreadablePostError.

    Django reads nothing of what has no announced length, although the web server knows where it
    ends.
    """
    if request.META.get("CONTENT_LENGTH") or not request.META.get("wsgi.input_terminated"):
        return request.body
    try:
        return bytes(request.META["wsgi.input"].read(MAX_BYTES + 1))
    except OSError as error:
        raise UnreadablePostError(*error.args) from error
