"""The site's addresses, and those that only a demo may have: signing in as one of its cast by a
link, and the gallery.
"""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import path

from integrations.demo import faces, gallery, sign_in_pages
from integrations.demo.signing_in import sign_in
from kombo_dashboard import urls as site
from kombo_dashboard.urls import handler500

__all__ = ["handler500", "urlpatterns"]


@login_not_required
def enter(request: HttpRequest, name: str) -> HttpResponse:
    """Sign in as one of the cast, without a password."""
    return redirect("admin:index" if sign_in(request, name).is_superuser else "home")


urlpatterns = [
    path("demo/as/<str:name>/", enter, name="demo_enter"),
    path("demo/gallery/", gallery.index, name="demo_gallery"),
    path("demo/gallery/<slug:name>.css", faces.sheet, name="demo_theme"),
    path("demo/gallery/error/<slug:page>/", gallery.error, name="demo_error"),
    path("demo/gallery/page/<slug:name>/", sign_in_pages.page, name="demo_page"),
    path("demo/gallery/<slug:name>/", gallery.show, name="demo_state"),
    *site.urlpatterns,
]
