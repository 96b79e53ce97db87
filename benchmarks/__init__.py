"""The scripts behind the numbers of docs/explain/measured.md: `python -m benchmarks` runs them all."""
