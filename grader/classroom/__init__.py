"""A whole class: downloads, rosters, batches, the gradebook, exports and reports."""
