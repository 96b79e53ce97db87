"""Detectors that read the training loss."""
