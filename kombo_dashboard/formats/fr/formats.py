"""Dates in French: 7 août 2022 à 11:05. The first of a month is up to `domain/dates.py`."""

DATE_FORMAT = "j F Y"
MONTH_DAY_FORMAT = "j F"
TIME_FORMAT = "H:i"
DATETIME_FORMAT = "j F Y à H:i"
SHORT_DATE_FORMAT = "j N Y"
SHORT_DATETIME_FORMAT = "j N Y, H:i"
THOUSAND_SEPARATOR = "\u202f"
