"""Who is let in: by which names the server answers, and who may change what it shows."""
