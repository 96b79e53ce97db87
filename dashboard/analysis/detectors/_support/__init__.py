"""What several detectors stand on."""
