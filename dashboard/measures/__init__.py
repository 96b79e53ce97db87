"""Numbers about runs: numpy and scipy alone, one file each."""
