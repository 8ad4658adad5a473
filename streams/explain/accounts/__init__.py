"""An alert about an account, recomputed from the events of the account."""
