"""A fuzzer over everything that reads bytes of others; `python -m tests.fuzz` is its long form."""
