"""All addresses of the site are the app's."""

from django.urls import include, path

urlpatterns = [path("", include("integrations.urls"))]

handler400 = "integrations.views.errors.bad_request"
handler403 = "integrations.views.errors.permission_denied"
handler404 = "integrations.views.errors.not_found"
handler500 = "integrations.views.errors.server_error"
