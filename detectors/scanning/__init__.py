"""Lines to columns: recognises, in compiled code, lines that are certainly valid events."""
