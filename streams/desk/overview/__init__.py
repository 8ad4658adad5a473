"""The pages about the whole: what could not be seen, the work, and whether chance explains it."""
