"""Reads files into posts, and into rows of what is known of each file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from papersearch.core.errors import is_out_of_memory, unforeseen
from papersearch.core.records import Post, Problem
from papersearch.engine.build.tasks import Task
from papersearch.engine.index.rows import Row
from papersearch.posts.parse import Unreadable, parse
from papersearch.posts.reading import read_post


def read_files(tasks: Iterable[Task], unread: list[Problem], vanished: list[str]) -> Iterator[tuple[Task, bytes]]:
    """What files hold. Those that cannot be read are added to ``unread``, and the paths of those that went since their
    folder was listed to ``vanished``. Raises ``PapersearchError`` if the machine or the disk is at fault."""
    for task in tasks:
        try:
            data = read_post(task.state.path)
        except (FileNotFoundError, NotADirectoryError):
            vanished.append(task.state.path)
        except OSError as refused:
            unread.append(Problem(task.state.path, 0, refused.strerror or "cannot be read"))
        else:
            yield task, data


def parsed(task: Task, data: bytes) -> Post | Problem:
    """The post that a file holds, or why it holds none. Whatever goes wrong is this file's problem, not the run's."""
    try:
        return parse(task.state.path, data, task.name)
    except Unreadable as reason:
        return reason.problem
    except Exception as error:
        return unexpected(task.state.path, error)


def unexpected(path: str, error: Exception) -> Problem:
    """An error of ours that a post brought to light. Raises it if it says more of the machine than of the post."""
    if isinstance(error, OSError) or is_out_of_memory(error):
        raise error
    return Problem(path, 0, str(unforeseen(error)))


def row_of(task: Task, content: bytes, post: Post | Problem, document: int = 0) -> Row:
    """What is known of a file that holds a post, or why it holds none; ``content`` is its digest."""
    if isinstance(post, Problem):
        return Row(*task.state, content, line=post.line, reason=post.reason)
    damage = post.damage
    return Row(
        *task.state,
        content,
        segment=0,
        document=document,
        paper_id=post.id,
        version=post.version or 0,
        posted=post.posted or "",
        run=task.first_run(content, post.id),
        line=damage.line if damage else 0,
        reason=damage.reason if damage else "",
    )
