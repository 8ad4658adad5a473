"""The shadow null: the same judgement on outcomes dealt out at random."""
