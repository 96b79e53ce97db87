"""Detectors that read evaluations of tasks."""
