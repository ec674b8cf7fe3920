"""Grades in the formats that learning platforms take back. Each exporter is a pure function."""
