"""What the charts are made of: axes, colours and layers."""
