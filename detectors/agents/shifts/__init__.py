"""Lasting changes of what an agent sells, against their own past."""
