"""What is given to it is hostile or a mistake: values, names, files, settings, requests."""
