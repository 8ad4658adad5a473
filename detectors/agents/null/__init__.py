"""The shadow null: the same judgement on outcomes that were dealt at random."""
