"""How the arena looks: numbers from `assets/arena.toml`, which the game reads again whenever it is saved."""

# Rule: a file is taken whole or not at all. What is wrong is raised, with the name it has in the file.

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

    from demo_game.engine.contract import Colour


@dataclass(frozen=True, slots=True)
class Look:
    """What the file says."""

    room: Colour = (6, 10, 14)
    tint: Colour = (255, 255, 255)
    shake: float = 1.0
    dust_count: int = 0
    dust_colour: Colour = (46, 78, 82)
    dust_speed: float = 5.0


def read(path: Path) -> Look:
    """Read the file; what it leaves out is as in `Look`. Raises ValueError if anything is wrong, OSError if it is gone."""
    table = tomllib.loads(path.read_text(encoding="utf-8"))
    dust = table.pop("dust", {})
    if not isinstance(dust, dict):
        raise ValueError("dust is a table: [dust]")  # noqa: TRY004 - a file's contents, as below
    named: dict[str, Any] = {**table, **{f"dust_{key}": value for key, value in dust.items()}}
    for name, value in named.items():
        named[name] = _checked(name, value)
    return Look(**named)


def _checked(name: str, value: Any) -> Any:
    if name in {"room", "tint", "dust_colour"}:
        if not (isinstance(value, list) and len(value) == 3 and all(v in range(256) for v in value)):
            raise ValueError(f"{name} is three numbers from 0 to 255, not {value!r}")
        return tuple(value)
    most = {"shake": 5, "dust_count": 1000, "dust_speed": 1000}.get(name)
    if most is None:
        raise ValueError(f"nothing is called {name} here")
    if not isinstance(value, (int, float)) or not 0 <= value <= most:
        raise ValueError(f"{name} is a number from 0 to {most}, not {value!r}")
    return int(value) if name == "dust_count" else float(value)
