"""What every detector promises, whoever wrote it."""
