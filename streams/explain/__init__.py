"""Recompute one alert from the event log, in plain Python, apart from the engine."""
