"""Points by series: tiles, the roll-ups above them, and every way to read a range at a width."""
