"""Learning rates that a run could still get, one file each; see `future.py` for what such a file holds."""
