"""What brings an index up to date with its posts; the only part that writes."""
