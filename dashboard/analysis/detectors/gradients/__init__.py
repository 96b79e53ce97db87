"""Detectors that read gradients and updates."""
