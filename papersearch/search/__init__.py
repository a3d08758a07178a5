"""From a request to an answer; read only."""
