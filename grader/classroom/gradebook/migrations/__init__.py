"""Alembic's environment and the versions of the gradebook's tables."""
