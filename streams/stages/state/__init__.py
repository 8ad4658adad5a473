"""How the state of a stage stands in its changelog topic, and how it is read back."""
