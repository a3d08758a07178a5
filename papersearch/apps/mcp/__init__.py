"""The same search for agents: ``papersearch mcp`` over standard input and output, ``/mcp`` of ``papersearch serve``."""
