"""What listens to a model, its loss and its optimizer while they work."""
