"""What a shipped game pays for its scripts: reads and calls beside the same text as Python imports it.

    python tests/shipping/speed.py

Nanoseconds each, the best of 60 rounds of 20,000.
"""

from __future__ import annotations

import importlib
import sys
import tempfile
import timeit
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TEXT = "class Goblin:\n    def hurt(self): return 1\ndef hit(): return 1\n"


def best(statement: str, **names: object) -> float:
    """Nanoseconds that the statement takes."""
    return min(timeit.repeat(statement, globals=names, number=20_000, repeat=60)) / 20_000 * 1e9


def row(name: str, module: object) -> str:
    """A line of the table."""
    goblin = module.Goblin()
    found = (
        best("module.hit", module=module),
        best("hit()", hit=module.hit),
        best("goblin.hurt()", goblin=goblin),
        best("Goblin()", Goblin=module.Goblin),
    )
    return f"| {name} | " + " | ".join(f"{each:.0f}" for each in found) + " |\n"


def main() -> None:
    """Print the table."""
    sys.path.insert(0, str(ROOT))
    import livescripts

    with tempfile.TemporaryDirectory() as scratch, livescripts.LiveScripts(watch=False) as live:
        place = Path(scratch).resolve()
        for folder, file in (("path", "imported_goblins.py"), ("merged", "goblins.py"), ("modules", "goblins.py")):
            (place / folder).mkdir()
            (place / folder / file).write_text(TEXT)
        sys.path.insert(0, str(place / "path"))
        live.add_directory(place / "merged", namespace="merged_game")
        live.add_directory(place / "modules", namespace="game", layout="modules")
        sys.stdout.write(
            "| | read a name | call a function | call a method | make an instance |\n|---|---:|---:|---:|---:|\n"
        )
        sys.stdout.write(row("imported by Python", importlib.import_module("imported_goblins")))
        sys.stdout.write(row("layout `modules`", importlib.import_module("game.goblins")))
        merged = importlib.import_module("merged_game")
        sys.stdout.write(row("layout `merged`", merged))
        update, call = best("update()", update=live.update), best("call(hit)", call=live.call, hit=merged.hit)
        sys.stdout.write(f"update(): {update:.0f}, call(hit): {call:.0f}\n")


if __name__ == "__main__":
    main()
