"""What patterns may ask: each file holds questions of one kind, and their answers."""
