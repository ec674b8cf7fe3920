"""Pairs of submissions that share more than the exercise explains, for a person to look at."""
