"""Real instabilities, trained, labelled and described."""
