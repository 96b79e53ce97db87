"""One file a command: its function `command`, whose docstring is the help. Files that begin with `_` are shared."""
