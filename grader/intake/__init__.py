"""What was handed in, read safely and by value: files, notebooks, folders, zips."""
