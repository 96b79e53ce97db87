"""What the importers share: reading by pieces, recognising columns, taking rows into a store."""
