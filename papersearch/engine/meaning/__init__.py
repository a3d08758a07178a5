"""Models that turn texts into vectors. Knows no index; loaded only by what ranks or indexes by meaning."""
