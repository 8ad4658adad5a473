"""How Hypothesis works here: compiling the evidence kernel, and a busy machine, are no failures.

An example of a law of the whole is a run of some weeks, so there are fewer of them than usual.
"""

from hypothesis import settings

settings.register_profile("patient", deadline=None, max_examples=40)
settings.load_profile("patient")
