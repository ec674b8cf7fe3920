"""The course: its exercises, their hints and stubs, and bundles of all of them."""
