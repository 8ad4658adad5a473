"""Commands of the simulated contact centre."""
