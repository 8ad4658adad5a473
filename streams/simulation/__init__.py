"""A simulated contact centre: honest agents who differ, and planted misconduct that is known."""
