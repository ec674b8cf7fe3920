"""What is asked: exercises, found and checked; their hints, stubs and bundles."""
