"""Ids of agents that became part of others, and what that changes of what is told."""
