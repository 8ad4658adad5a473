"""A small HTTP server: pages of a process, for whoever watches over it."""
