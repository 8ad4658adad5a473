"""How Hypothesis works here: compiling the evidence kernel, and a busy machine, are no failures."""

from hypothesis import settings

settings.register_profile("patient", deadline=None)
settings.load_profile("patient")
