"""Writes what the documents take from the code: commands, manual page, Python reference, tables, a terminal picture;
and the facts of a paper in the schema of JSON.

    python -m docs.generate [--check]

With ``--check`` nothing is written, and the exit code is 1 if anything is not current. Within a page that is otherwise
written by hand, the text between ``<!-- name -->`` and ``<!-- end -->`` is made here; see ``pages.PARTS``.
"""
