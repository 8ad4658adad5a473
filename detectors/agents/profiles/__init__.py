"""Profiles of agents: each a detector over one daily number of every agent."""
