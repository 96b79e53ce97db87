"""The learning rate that is still to come."""
