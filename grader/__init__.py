"""nn-grader: checks NumPy neural-network code and explains what is wrong with it."""

__version__ = "1.1.0"
