"""For authors: scaffold, verify and release exercises."""
