"""For Prometheus, if the settings let it in."""

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.utils.crypto import constant_time_compare
from django.views.decorators.csrf import csrf_exempt

from integrations.views.actors import bearer, client_ip
from integrations.views.guesses import refuse_guess


@csrf_exempt  # before a refusal would tell that there is something
@login_not_required
def metrics(request: HttpRequest) -> HttpResponse:
    """Return how the installation is doing; for all others there is no such address."""
    if not _may_read(request):
        is_guess = bool(settings.METRICS_TOKENS and bearer(request))
        refusal = refuse_guess(request, "metrics token") if is_guess else None
        if refusal is None:
            raise Http404
        return refusal
    if request.method not in {"GET", "HEAD"}:
        return HttpResponseNotAllowed(["GET", "HEAD"])
    from integrations.operations import metrics  # its library is an extra's

    return HttpResponse(metrics.scrape(), content_type=metrics.CONTENT_TYPE)


def _may_read(request: HttpRequest) -> bool:
    given = bearer(request)
    # All are compared, so that the time tells nothing.
    known = [constant_time_compare(given, token) for token in settings.METRICS_TOKENS]
    address = client_ip(request)
    is_near = address and any(address in network for network in settings.METRICS_ADDRESSES)
    return any(known) or bool(is_near)
