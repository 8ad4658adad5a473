"""Tells people of alerts: what is to be said when, and how Alertmanager is told."""
