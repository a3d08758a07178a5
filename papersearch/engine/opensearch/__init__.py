"""An index in an OpenSearch cluster: the same answers as from a folder, by an engine that others run."""
