"""Dates in Italian without weekday and leading zero: 7 Agosto 2022."""

DATE_FORMAT = "j F Y"
DATETIME_FORMAT = "j F Y, H:i"
