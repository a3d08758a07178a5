"""Lines of a batch answered by several processes, each on its own: what goes wrong with one line stays with that line.

The processes share the index's files in memory; each has its own caches.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterator
from multiprocessing.connection import Connection, Pipe

from papersearch.apps.cli.lines import Line, answered, failed
from papersearch.core.errors import PapersearchError, unforeseen
from papersearch.core.pool import DIED, DONE, News, Pool, Work

TYPE_CHECKING = False
if TYPE_CHECKING:
    from papersearch.core.records import Answer, Request

    Search = Callable[[Request], Answer]

_AHEAD = 64  # lines that each process may be ahead of what is printed


def _answerer(search: Search, request: Request) -> Work:
    return lambda line, _: next(answered(search, [line], request))


def _line(news: News, asked: str) -> Line:
    """What comes of a line that was asked, by the last that is heard of it."""
    if news.kind == DONE:
        line: Line = news.value
        return line
    died = news.kind == DIED
    return failed(asked, PapersearchError("its process was killed twice") if died else unforeseen(news.value))


def answered_side_by_side(search: Search, lines: Iterator[str], request: Request, jobs: int) -> Iterator[Line]:
    """Answers from several processes, in order. A line whose process is killed is answered by another one. Where the
    system refuses a thread, this process answers by itself."""
    with Pool(jobs, _answerer, (search, request)) as pool:
        try:
            ahead = _ReadAhead(lines, jobs * _AHEAD)
        except RuntimeError:
            yield from answered(search, lines, request)
            return
        waiting: deque[int] = deque()
        asked: dict[int, str] = {}  # lines that are not printed yet, by their number
        done: dict[int, Line] = {}
        lost: set[int] = set()
        printed = 0
        while True:
            while waiting and pool.idle and pool.give(waiting[0], asked[waiting[0]]):
                waiting.popleft()
            if waiting and not pool.alive:
                number = waiting.popleft()
                done[number] = next(answered(search, [asked[number]], request))
            while printed in done:
                yield done.pop(printed)
                del asked[printed]
                printed += 1
                ahead.room.release()
            if ahead.ended and not asked:
                return
            if waiting and not pool.alive:
                continue
            for news in pool.wait(*ahead.lines()):
                if news.kind == DIED and news.number not in lost:
                    lost.add(news.number)  # another one tries
                    waiting.appendleft(news.number)
                else:
                    done[news.number] = _line(news, asked[news.number])
            for line in ahead.take():
                number = printed + len(asked)
                asked[number] = line
                waiting.append(number)


class _ReadAhead:
    """Reads lines in a thread: the next one may be long in coming, and answers must not wait for it. ``room`` is to be
    released for each line that is done with."""

    def __init__(self, lines: Iterator[str], most: int) -> None:
        self.room = threading.Semaphore(most)
        self.ended = False
        self._lines, self._sending = Pipe(duplex=False)
        threading.Thread(target=self._read, args=(lines,), daemon=True).start()

    def _read(self, lines: Iterator[str]) -> None:
        try:
            for line in lines:
                self.room.acquire()
                self._sending.send(line)
            self._sending.close()
        except Exception as error:
            self._sending.send(error)

    def lines(self) -> list[Connection]:
        """What can be waited for until there is a line."""
        return [] if self.ended else [self._lines]

    def take(self) -> Iterator[str]:
        """Lines that have come, without waiting."""
        while not self.ended and self._lines.poll():
            try:
                line = self._lines.recv()
            except EOFError:
                self.ended = True
                return
            if isinstance(line, Exception):
                raise line
            yield line
