"""What the vendor looks like and how it is reached: as staff set it in the workspace, else as the
settings say.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.db import DatabaseError, transaction
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone

from integrations.access import audit
from integrations.access.audit import Act, Actor
from integrations.database.prepared import Prepared
from integrations.domain import accent, pictures
from integrations.models import Identity, VendorPicture
from integrations.upstream import logos

MAX_BYTES = logos.MAX_BYTES  # of a picture
LOGO_HEIGHT = 26  # pixels in a page's head
PICTURE_SETTINGS = {"logo": "VENDOR_LOGO", "logo_dark": "VENDOR_LOGO_DARK", "icon": "VENDOR_ICON"}
TEXT_SETTINGS = {
    "accent": "VENDOR_ACCENT",
    "support_email": "SUPPORT_EMAIL",
    "support_url": "SUPPORT_URL",
    "privacy_url": "PRIVACY_URL",
    "imprint_url": "IMPRINT_URL",
    "product_url": "PRODUCT_URL",
}


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture that may be shown to everybody, by the digest of its content."""

    key: str
    content: bytes
    content_type: str


@dataclass(frozen=True, slots=True)
class VendorIdentity:
    """What counts, field by field; an empty text where there is nothing."""

    name: str
    accent: str
    logo: str  # keys of pictures
    logo_dark: str
    icon: str
    support_email: str
    support_url: str
    privacy_url: str
    imprint_url: str
    product_url: str

    @property
    def logo_url(self) -> str:
        return _picture_url(self.logo)

    @property
    def logo_dark_url(self) -> str:
        return _picture_url(self.logo_dark)

    @property
    def logo_width(self) -> int:
        """How wide the logo is in a page's head, so that its place is kept; 0 if unknown."""
        return _width(self.logo)

    @property
    def logo_dark_width(self) -> int:
        return _width(self.logo_dark)

    @property
    def icon_url(self) -> str:
        return _picture_url(self.icon)

    @property
    def theme_url(self) -> str:
        """The address of theme.css, which has another one with other content."""
        return reverse("theme", args=[accent.stylesheet_name(self.accent)])

    @property
    def support_href(self) -> str:
        """Where a link to the support leads: to its page, else to a mail."""
        return self.support_url or (f"mailto:{self.support_email}" if self.support_email else "")


def current() -> VendorIdentity:
    """What counts now, in one query; as the settings say while the database can't answer."""
    try:
        row = next(iter(_stored()), None)
    except DatabaseError:
        row = None
    return of(row or Identity())


@Prepared
def _stored() -> QuerySet[Identity]:
    return Identity.objects.order_by("pk")[:1]


def of(row: Identity) -> VendorIdentity:
    """What would count if this were stored."""
    texts = {name: getattr(row, name) or value for name, value in _texts().items()}
    texts["accent"] = texts["accent"] or accent.DEFAULT
    keys = {name: getattr(row, f"{name}_id") or _key_of_setting(name) for name in PICTURE_SETTINGS}
    return VendorIdentity(name=settings.VENDOR_NAME, **texts, **keys)


def from_settings() -> VendorIdentity:
    """What counts where nothing can be asked of the database."""
    return of(Identity())


def stored() -> Identity:
    """What staff set, to be edited: empty where the settings count."""
    return Identity.objects.first() or Identity()


def save(wanted: Identity, by: Actor) -> None:
    """Keep what staff set, with what of it became what in the audit record."""
    columns = [*TEXT_SETTINGS, *(f"{name}_id" for name in PICTURE_SETTINGS)]
    values = {column: getattr(wanted, column) for column in columns}
    with transaction.atomic():
        known = Identity.objects.select_for_update().first() or Identity()
        changes = {
            column: [getattr(known, column), value]
            for column, value in values.items()
            if getattr(known, column) != value
        }
        if not changes:
            return
        Identity.objects.update_or_create(pk=known.pk, defaults=values)
        # Whose address it is, and which picture, is no matter of the record.
        others = [name for name in changes if name == "support_email" or name.endswith("_id")]
        details: dict[str, Any] = {
            "changes": {name: pair for name, pair in changes.items() if name not in others},
            "fields": [name.removesuffix("_id") for name in others] or "",
        }
        audit.record(by, Act.IDENTITY_CHANGED, **details)


def picture_type(content: bytes) -> str:
    """Return the content type of a picture that every browser and mail program can show: a PNG, or
    an SVG of shapes; empty for anything else.
    """
    kind = pictures.content_type(content)
    return kind if kind in {"image/png", "image/svg+xml"} else ""


def keep_picture(content: bytes) -> str:
    """Keep a picture and return its key, or an empty text if it can't be shown to everybody."""
    kind = picture_type(content) if len(content) <= MAX_BYTES else ""
    if not kind:
        return ""
    values = {"content": content, "content_type": kind, "stored_at": timezone.now()}
    row, _created = VendorPicture.objects.update_or_create(key=_digest(content), defaults=values)
    return row.key


def has_picture(key: str) -> bool:
    """Whether a picture is kept that staff uploaded."""
    return VendorPicture.objects.filter(key=key).exists()


def mailable_logo(known: VendorIdentity) -> str:
    """Return the key of the logo if mail programs show it, which is a PNG; else an empty text."""
    logo = picture(known.logo) if known.logo else None
    return logo.key if logo and logo.content_type == "image/png" else ""


def picture(key: str) -> Picture | None:
    """Return a picture of the settings, or one that staff uploaded; None if there is none."""
    for name in PICTURE_SETTINGS:
        if (known := _of_setting(name)) and known.key == key:
            return known
    row = VendorPicture.objects.filter(key=key).first()
    return Picture(key, bytes(row.content), row.content_type) if row else None


def _width(key: str) -> int:
    """Return the width of a picture at the height of a logo; 0 if it or the database has none."""
    try:
        return round(_ratio(key) * LOGO_HEIGHT) if key else 0
    except (DatabaseError, LookupError):
        return 0


@lru_cache(maxsize=32)
def _ratio(key: str) -> float:
    """Return a picture's width by its height. A key stands for the same bytes for ever.

    Raises LookupError if there is no such picture, which is not kept: it may come.
    """
    known = picture(key)
    if known is None:
        raise LookupError
    return pictures.ratio(known.content)


def prune(before: datetime) -> int:
    """Delete pictures that were uploaded before an instant and are not used. Return how many."""
    row = stored()
    used = {getattr(row, f"{name}_id") for name in PICTURE_SETTINGS} - {None}
    old = VendorPicture.objects.filter(stored_at__lt=before).exclude(pk__in=used)
    return old.delete()[0]


def _texts() -> dict[str, str]:
    return {name: getattr(settings, setting) for name, setting in TEXT_SETTINGS.items()}


def _of_setting(name: str) -> Picture | None:
    return _checked(getattr(settings, PICTURE_SETTINGS[name]))


def _key_of_setting(name: str) -> str:
    known = _of_setting(name)
    return known.key if known else ""


@lru_cache(maxsize=8)
def _checked(content: bytes) -> Picture | None:
    """Return a picture of the settings; None for none, and for what `checks` refuses."""
    kind = picture_type(content)
    return Picture(_digest(content), content, kind) if kind else None


def _digest(content: bytes) -> str:
    return hashlib.blake2s(content, digest_size=12).hexdigest()


def _picture_url(key: str) -> str:
    return reverse("vendor_picture", args=[key]) if key else ""
