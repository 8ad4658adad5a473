"""Tells webhooks of other systems: every revision, signed, in the order of each alert."""
