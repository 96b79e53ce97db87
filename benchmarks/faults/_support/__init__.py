"""What the attacks share: how they count, their processes, and what is true of a damaged store."""
