"""The early tier: sales are judged while their window is still open."""
