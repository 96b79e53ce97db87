"""What recorded numbers say: numpy and scipy alone, no store and no page."""
