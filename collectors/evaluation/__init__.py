"""Tasks, and their evaluation while training goes on."""
