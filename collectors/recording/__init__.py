"""The way of a value from the training loop to the store."""
