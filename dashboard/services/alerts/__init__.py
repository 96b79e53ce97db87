"""Messages to people about what goes wrong in a run: what is sent, to whom, and when."""
