"""What brings an index folder up to date with its posts; nothing else writes what is searched there."""
