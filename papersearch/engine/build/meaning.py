"""What a run that is done with the words does about the vectors of papers, in a folder and in a cluster alike."""

from __future__ import annotations

import time
from typing import Protocol

from papersearch.core.errors import MeaningError, Stopped
from papersearch.core.frozen import replace
from papersearch.core.records import Summary
from papersearch.engine.meaning.models import PACKAGED, Model, open_model, open_unless_silent
from papersearch.engine.port import RunOptions


class Kept(Protocol):
    """The vectors that an index keeps, for a run."""

    @property
    def setting(self) -> str | None:
        """The setting of the model that made them; None if none are kept, empty if that is lost."""

    def complete(self, setting: str) -> int:
        """Make those that are missing with the model that ``setting`` names, as many as the run may; how many. Raises
        ``MeaningError`` where the model cannot be used or gives nonsense; what was made before that is kept."""

    def is_complete(self, setting: str) -> bool:
        """Whether every paper has its vector by that model."""

    def drop(self) -> bool:
        """Keep none from now on; whether there were any."""

    def clear_up(self) -> None:
        """Remove what is left of vectors that are not kept any more."""


def bring_up_to_date(kept: Kept, run: RunOptions, summary: Summary) -> Summary:
    """Do for the vectors what the run should: nothing, drop them, or complete them.

    The summary with how many were made. Raises ``MeaningError`` if vectors were asked for and cannot be made; if they
    are only kept, that is a note. The words are committed either way.
    """
    wanted = run.meaning.wanted
    if wanted is False:
        return _noting(summary, "the vectors are dropped") if kept.drop() else summary
    setting = kept.setting
    if wanted is None and setting is None:
        kept.clear_up()
        return summary
    named = run.meaning.model or setting or PACKAGED
    begin = time.perf_counter()
    try:
        made = (summary.vectors or 0) + kept.complete(named)
        if run.meaning.most == 0 and not kept.is_complete(named):
            return _noting(summary, "vectors are missing: papersearch index makes them")
        return replace(summary, vectors=made, seconds=summary.seconds + time.perf_counter() - begin)
    except KeyboardInterrupt:
        raise Stopped(complete=True, vectors_missing=True) from None
    except MeaningError as error:
        if wanted:
            raise
        if not setting:  # each query and run would speak of what nobody can use
            kept.drop()
            why = f"the vectors are damaged and cannot be made again ({error.message})"
            return _noting(summary, f"{why}: they are dropped, `papersearch index --meaning` makes new ones")
        return _noting(summary, f"no vectors were made: {error}")


def model_for(run: RunOptions, setting: str, dimensions: int) -> Model:
    """The model that makes vectors in a run; ``dimensions`` are those of earlier ones. Where no more than some are
    made, somebody waits for the words."""
    if run.meaning.most is None:
        return open_model(setting, run.meaning.trust)
    return open_unless_silent(setting, run.meaning.trust, dimensions)


def _noting(summary: Summary, note: str) -> Summary:
    return replace(summary, notes=(*summary.notes, note))
