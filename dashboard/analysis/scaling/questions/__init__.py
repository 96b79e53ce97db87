"""What a fitted scaling law can be asked, one file each; see `question.py` for what such a file holds."""
