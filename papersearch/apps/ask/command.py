"""``papersearch ask``: from the command line to an answer that streams in, its papers after it."""

from __future__ import annotations

import os
import sys

from papersearch import library
from papersearch.apps import settings as config
from papersearch.apps.ask.show import write_reply
from papersearch.apps.session import open_index
from papersearch.core.errors import PapersearchError, UsageError
from papersearch.core.records import Answering, Request
from papersearch.output import formats
from papersearch.output.json_shapes import reply_json
from papersearch.output.streams import say

TYPE_CHECKING = False
if TYPE_CHECKING:
    from papersearch.apps.cli.arguments import Arguments
    from papersearch.library import Index


def ask(arguments: Arguments) -> int:
    """Answer a question; 1 if the papers do not say."""
    question = " ".join(arguments.words).strip()
    if not question:
        raise UsageError("there is no question", 'papersearch ask "how is load balanced in mixtures of experts?"')
    settings = config.settings(arguments.index)
    answering = _answering(arguments, settings)
    index = open_index(settings, trust=arguments.trust)
    request = Request(
        question,
        authors=arguments.author,
        tags=arguments.tag,
        since=arguments.since,
        until=arguments.until,
        partial=arguments.partial,
    )
    if arguments.show_prompt:
        return _show_prompt(index, request, answering)
    if arguments.json:
        reply = index.ask(request, answering)
        formats.write_json(reply_json(reply), sys.stdout)
    else:
        reply = write_reply(index.ask_stream(request, answering), sys.stdout)
    for note in (*reply.notes, *(reply.details if arguments.verbose else ())):
        say(note)
    if not reply.answered and not arguments.json:
        say(f"no answer: {reply.reason}; papersearch query shows the papers that come nearest, if any do")
    return 0 if reply.answered else 1


def _answering(arguments: Arguments, settings: config.Settings) -> Answering:
    """Which model is asked, if any: the command line's, else that of ``[ask]``."""
    table = settings.tables.get("ask", {})
    server = arguments.server or config.place_of(settings, "ask.server")
    model = arguments.model or table.get("model")
    if server is None:
        if arguments.model:
            raise UsageError("--model without a server", "--server http://127.0.0.1:11434/v1")
        return Answering(papers=arguments.papers)
    if not 0 < arguments.timeout <= 86_400:
        raise UsageError(f"--timeout {arguments.timeout:g} s", "more than 0, and no more than a day")
    if not model:
        raise UsageError("--server without a model", "--model qwen2.5:7b")
    # A server that a settings file names was allowed when that was trusted.
    if arguments.server and not library.is_here(server) and not arguments.trust:
        raise PapersearchError(
            f"the server {server} is on another machine, and passages of your papers would be sent to it",
            "if you want that, pass --trust; --show-prompt shows what would be sent",
        )
    key = os.environ.get("PAPERSEARCH_ASK_KEY", "")
    return Answering(arguments.papers, server, model, key, arguments.timeout)


def _show_prompt(index: Index, request: Request, answering: Answering) -> int:
    """What a model would be sent, and nothing more."""
    messages = index.ask_prompt(request, answering)
    for message in messages:
        formats.write_text(f"{message['role']}:\n{message['content']}\n\n", sys.stdout)
    if not messages:
        say("nothing would be sent: the papers do not answer it")
    return 0 if messages else 1
