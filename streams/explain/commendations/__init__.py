"""Why an agent is commended, recomputed from their outcomes."""
