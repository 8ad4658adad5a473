"""What is told of the commission of a sale, recomputed from its events and the open alerts."""
