"""The site's addresses, and one more that only a demo may have: signing in as one of its cast by a
link.
"""

from django.contrib.auth import login
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import path

from kombo_dashboard import urls as site
from kombo_dashboard.urls import handler500

__all__ = ["handler500", "urlpatterns"]


@login_not_required
def enter(request: HttpRequest, name: str) -> HttpResponse:
    """Sign in as one of the cast, without a password."""
    user = get_object_or_404(User, username=name)
    login(request, user, backend="django.contrib.auth.backends.ModelBackend")
    return redirect("admin:index" if user.is_superuser else "home")


urlpatterns = [path("demo/as/<str:name>/", enter, name="demo_enter"), *site.urlpatterns]
