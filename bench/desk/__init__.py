"""What the desk takes: time to read everything, memory, and how soon people see something."""
