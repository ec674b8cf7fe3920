"""For authors: scaffold, prove and release exercises."""
