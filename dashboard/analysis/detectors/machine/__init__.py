"""Detectors of what the machine does to a run: pace, silence, precision."""
