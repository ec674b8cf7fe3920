"""Numeric checks, the process they call, and what they say when they fail."""
