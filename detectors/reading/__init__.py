"""Lenient reading of records that the strict decoder refused: exact where it matters."""
