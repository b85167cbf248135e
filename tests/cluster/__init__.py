"""Acceptance on a real control plane: what kforge writes, applied. `python -m tests.cluster` runs all of it."""
