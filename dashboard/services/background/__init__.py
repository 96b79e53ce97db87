"""What runs in the background while the server is up: it follows the store, and folders of logs."""
