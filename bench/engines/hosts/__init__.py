"""The engines, each in a process of its own: started by the harness, thin, and at its best."""
