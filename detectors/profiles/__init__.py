"""Detectors behind the contract: the rate of an agent, and his own past."""
