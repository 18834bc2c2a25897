"""All addresses of the site are the app's."""

from django.urls import include, path

urlpatterns = [path("", include("integrations.urls.site"))]

handler500 = "integrations.views.errors.server_error"
