"""Clients that send: events, copies of them, and letters to the dead letters."""
