"""The frameworks that training loops are written in: one file each, which alone imports its framework."""
