"""Statistics of loss curves that comparison, detectors and laws share."""
