"""Questions answered from the papers: ``papersearch ask``."""
