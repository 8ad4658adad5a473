"""The commands: one file each, holding arguments, calls and printing only."""
