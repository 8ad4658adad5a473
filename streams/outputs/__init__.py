"""Files that a command writes: never over one that it reads, and whole or not at all."""
