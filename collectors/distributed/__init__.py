"""Several ranks that record one run."""
