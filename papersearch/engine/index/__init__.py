"""The files of an index: their formats, and reading them."""
