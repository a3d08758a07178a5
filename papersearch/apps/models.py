"""Which model of meaning the settings name."""

from __future__ import annotations

import os

from papersearch.apps import settings as config
from papersearch.core.errors import UsageError
from papersearch.library import PACKAGED_MODEL

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def model_of(settings: config.Settings) -> str | None:
    """The model that ``[meaning]`` names and the user may use, as the library takes it; None if it names none.

    A folder is given as an absolute path, a server as its address and the name of its model.
    """
    table = settings.tables.get("meaning", {})
    model, name = table.get("model"), table.get("name")
    if name is not None and (model is None or "://" not in model):
        raise UsageError(
            f"{settings.file}: meaning.name is a model's name at a server", "set meaning.model to its address"
        )
    if model is None or model == PACKAGED_MODEL:
        return model
    place = config.place_of(settings, "meaning.model")
    if place is None:
        return None
    if "://" not in place:
        return os.path.abspath(place)
    if name is None:
        raise UsageError(f"{settings.file}: meaning.model is a server", 'name its model as well: name = "..."')
    return f"{place} {name}"


def run_options(settings: config.Settings, meaning: bool | None = None) -> dict[str, Any]:
    """What an index run is told of vectors. A place that the user named or trusts may be on another machine."""
    model = model_of(settings)
    return {"meaning": meaning, "model": model, "trust_model": model is not None}
