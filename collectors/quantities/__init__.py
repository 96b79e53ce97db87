"""What several signals need of one step: each file a quantity, computed on first use and shared (see `shared`)."""
