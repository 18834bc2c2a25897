"""The database as a thing that can be away, take no writes, or be older than the code."""
