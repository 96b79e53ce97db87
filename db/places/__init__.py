"""Where a store and its journals live: paths, kinds of file system, and the processes that write."""
