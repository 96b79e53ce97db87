"""What runs recorded of their tasks: evaluations, courses, modules, and runs as methods."""
