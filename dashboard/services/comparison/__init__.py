"""Runs compared with each other: the numbers, the curves, and the report as a file."""
