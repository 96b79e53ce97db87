"""The laws of a loss curve: each file holds one, called `LAW`."""
