"""What the tables and the journals hold together, at one moment: each question that `Store` answers is a function."""
