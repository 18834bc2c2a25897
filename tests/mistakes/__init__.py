"""Mistakes that somebody could make in any room of the house, each of which must fail a test."""
