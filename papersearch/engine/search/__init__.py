"""From a query's tree to a page of results; read only."""
