"""What is known of an account: facts with a merge that is commutative and idempotent."""
