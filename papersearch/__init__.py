"""papersearch: local search for research papers. The public names, looked up lazily so that importing costs nothing."""

from __future__ import annotations

__version__ = "0.1.0"
