"""Files that people upload: put down, looked through, and imported once they have seen what would become of them."""
