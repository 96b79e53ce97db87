"""What training appends to: one file a writer, its bytes, and reading on while it grows."""
