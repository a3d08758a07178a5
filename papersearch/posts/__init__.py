"""One file to one Post, and folders to the files that changed."""
