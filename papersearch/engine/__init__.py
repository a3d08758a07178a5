"""What answers: the index on disk, what builds it and what searches it."""
