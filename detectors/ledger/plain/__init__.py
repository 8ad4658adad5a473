"""Accounts that are as nearly all are, in columns: one sale made in time, and a few uses."""
