"""An alert on the wire, and its sentence."""
