"""What the measures of tasks are computed from."""
