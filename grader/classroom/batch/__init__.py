"""A whole class: what was handed in, by whom and when, graded side by side into a gradebook."""
