"""The search full screen in a terminal, live: ``papersearch browse`` (extra ``papersearch[browse]``)."""
