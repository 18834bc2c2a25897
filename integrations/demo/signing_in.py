"""Being one of the cast, without a password."""

from django.contrib.auth import login
from django.contrib.auth.models import User
from django.http import HttpRequest
from django.shortcuts import get_object_or_404


def sign_in(request: HttpRequest, name: str) -> User:
    """Sign in as one of the cast. Raises Http404 if nobody has this name."""
    user = get_object_or_404(User, username=name)
    login(request, user, backend="django.contrib.auth.backends.ModelBackend")
    return user
