"""Erasing an account: what is ours is removed, and what still holds its id is searched for."""
