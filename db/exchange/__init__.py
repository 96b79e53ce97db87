"""What exports and imports share: the notes on a run, names that every format takes, checksums of records."""
