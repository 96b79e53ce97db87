"""The stability gap on real data: tasks, methods, runs and their figures."""
