"""The ledger's job alone, beside engines in Java: the same outcomes, how fast and at what cost."""
