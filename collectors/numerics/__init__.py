"""Numbers of many tensors at once: exact, in little memory, and without waiting for the device."""
