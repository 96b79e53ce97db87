"""The scaling laws: each file holds one, called `LAW`."""
