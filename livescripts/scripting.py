"""What scripts say to the reload about themselves.

# Nothing here has an effect when a script runs: the reload reads it off the script's text.
"""

from __future__ import annotations

from typing import Annotated, TypeVar

__all__ = ["Fresh", "Keep"]

_T = TypeVar("_T")

Keep = Annotated[_T, "kept over every reload"]
Keep.__doc__ = """`score: Keep[int] = 0` keeps the value that the game has over every reload, even if it is the loaded one and
the statement was edited. For variables of a script and attributes of its classes."""

Fresh = Annotated[_T, "never kept over a reload"]
Fresh.__doc__ = """`cache: Fresh[dict] = {}` starts anew with every reload, even if the game has changed it. For variables of
a script and attributes of its classes."""
