"""Detectors that hold the training loss against held-out data."""
