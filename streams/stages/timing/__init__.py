"""How time passes for a ledger: what arrivals allow, and what silence grants."""
