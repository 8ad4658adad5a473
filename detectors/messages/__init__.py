"""The messages between the stages."""
