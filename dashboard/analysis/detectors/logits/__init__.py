"""Detectors that read attention and output logits."""
