"""The administration: tenants, who belongs to them, and what is mapped. Snapshots are to look at
only.
"""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from integrations.admin import integrations, people, purposes, records, tenants

__all__ = ["integrations", "people", "purposes", "records", "tenants"]

admin.site.site_header = _("Integrations admin")
admin.site.site_title = _("Admin")
admin.site.index_title = _("Data")
