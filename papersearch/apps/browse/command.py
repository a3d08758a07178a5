"""``papersearch browse``: from the command line to the full screen, and what was marked there to standard output."""

from __future__ import annotations

import os
import sys

from papersearch.apps import settings as config
from papersearch.apps.cli.requests import request_of, settled
from papersearch.apps.session import open_index
from papersearch.core.errors import PapersearchError, UsageError, without_library
from papersearch.core.frozen import replace
from papersearch.core.records import Answer
from papersearch.output import formats
from papersearch.output.streams import can_ask

TYPE_CHECKING = False
if TYPE_CHECKING:
    from papersearch.apps.cli.arguments import Arguments


def browse(arguments: Arguments) -> int:
    """Search on the full screen until the user leaves, then print the papers that were marked; none after Ctrl-C."""
    form = arguments.format or "ids"  # whatever the settings say of a query
    arguments = replace(arguments, format=form, given=arguments.given | {"format"})
    settings = config.settings(arguments.index)
    request = request_of(" ".join(arguments.words), settled(arguments, settings.query))
    if not can_ask() or os.environ.get("TERM") == "dumb":
        raise UsageError("browse needs a terminal", "papersearch query prints its answer anywhere")
    try:
        from papersearch.apps.browse.app import Browser
    except ImportError as missing:
        raise PapersearchError(*without_library("browse", missing, "pip install 'textual>=8.2.5,<9'")) from missing
    index = open_index(settings, trust=arguments.trust)
    browser = Browser(index, request)
    marked = browser.run()
    if browser.failure is not None:
        raise browser.failure
    if marked is None:  # a signal or Ctrl-C ended it
        return browser.return_code or 130
    if marked:
        answer = Answer("", total=len(marked), total_all=len(marked), seconds=0.0, results=tuple(marked))
        formats.write(form, answer, sys.stdout, null=arguments.null)
    return 0
