"""What a ledger tells of commissions."""
