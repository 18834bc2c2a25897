"""Kombo's HTTP and JSON, in plain Python: no Django, no tenants, nothing stored."""
