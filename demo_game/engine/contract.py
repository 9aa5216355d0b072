"""What engine and scripts agree on: what the engine reads of a thing, and what scripts hand to the engine."""

# Rule 1: no pygame here. Scripts import this module, and their unit tests run without a display.
# Rule 2: host code only ever adds to this module while the game is developed: it is the one place where a
#         script and the engine can disagree.

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Protocol

if TYPE_CHECKING:
    from demo_game.engine.world import World

WIDTH = 640
HEIGHT = 360
FPS = 60
DT = 1.0 / FPS

# Drawing order, back to front.
FLOOR, LOOT, GROUND, AIR, SHOTS, SPARKS = range(6)

Colour = tuple[int, int, int]
Align = Literal["left", "centre", "right"]


class Thing(Protocol):
    """What the engine needs of anything in the arena. The classes that have it are scripts."""

    x: float
    y: float
    radius: float
    """Of the circle that collides, in arena pixels."""
    alive: bool
    """A thing that is not alive leaves the arena at the end of the step."""
    team: str
    """`"player"`, `"bug"`, `"shot"`, `"spit"`, `"loot"`; things of team `"fx"` do not collide."""
    touches: tuple[str, ...]
    """The teams whose touch this thing is told about, through `on_touch`."""

    sprite: str
    """A sheet in `assets/`, or "" for none."""
    under: str
    """A sheet drawn beneath it at the same scale (shadow, aura), or ""."""
    frame: int
    angle: float
    """Radians, 0 is to the right, growing clockwise on the screen."""
    scale: float
    layer: int
    glow: bool
    """Drawn by adding light rather than by covering."""
    flash: bool
    """Drawn all white: it was just hit."""
    text: str
    """Words drawn over the picture at its place, or ""; only on the layer of sparks."""
    ring: float
    """Radius of a circle of light around its place, or 0."""
    colour: Colour
    """Of the words and of the ring."""

    def update(self, world: World, dt: float) -> None:
        """Live for one step of `dt` seconds."""
        ...

    def on_touch(self, other: Thing, world: World) -> None:
        """React to overlapping with `other`. Both are alive when this is called."""
        ...


@dataclass(frozen=True, slots=True)
class Controls:
    """What the keyboard or the autopilot wants in one step. Directions are within -1..1."""

    move_x: float = 0.0
    move_y: float = 0.0
    aim_x: float = 0.0
    aim_y: float = 0.0
    fire: bool = False
    dash: bool = False
    pulse: bool = False
    swap: bool = False


@dataclass(frozen=True, slots=True)
class Label:
    """Words on the HUD, at a place in arena pixels."""

    text: str
    x: float
    y: float
    size: int = 22
    colour: Colour = (226, 240, 238)
    align: Align = "left"


@dataclass(frozen=True, slots=True)
class Bar:
    """A gauge on the HUD, filled from the left by `part` (0..1)."""

    x: float
    y: float
    width: float
    height: float
    part: float
    colour: Colour


@dataclass(frozen=True, slots=True)
class Icon:
    """A sprite on the HUD, centred at a place in arena pixels."""

    sprite: str
    x: float
    y: float
    frame: int = 0


HudItem = Label | Bar | Icon
