"""Ledgers of keys: what is known of sales across accounts, such as all that one payer paid."""
