"""Other graders on the same exercise and submissions, and what is needed to measure them."""
