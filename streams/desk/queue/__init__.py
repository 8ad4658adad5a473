"""The queue: which cases wait, in which order, and what people decide about them."""
