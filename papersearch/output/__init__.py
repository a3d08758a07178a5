"""Records to text. Knows nothing of an index."""

FORMATS = ("text", "json", "jsonl", "csv", "bibtex", "ids", "paths", "urls")
PAPER_FORMATS = ("json", "markdown", "bibtex")
