"""Refused records: list them, show them, send them back."""
