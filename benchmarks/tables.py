"""From the results of a run, as they are in its JSON, to Markdown."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

BEGIN, END = "<!-- tables: begin -->", "<!-- tables: end -->"

LEGEND = """\
A cell is a median; in brackets its control, the same loop with nothing saved. *Longest extra frame*: the longest frame between
a save and the end of the reload, less the longest of as many frames of the control. **Bold**: the figure to reach was missed.
† The tool leaves instances that exist alone: measured is until the class, looked up anew, is new. Compare within a row;
the milliseconds are those of one machine while it also did other things."""


def number(value: float, unit: str) -> str:
    """As many digits as mean anything."""
    if unit == "yes":
        return "yes" if value else "no"
    if unit == "times":
        return f"{value:.2f}"
    if unit in {"", "bytes", "ns"}:
        return f"{value:,.0f}"
    return f"{value:,.3f}" if unit == "%" else f"{value:,.1f}"


def cell(figure: dict[str, Any]) -> str:
    """One figure: value, control, what is to be known of it."""
    if figure["value"] is None:
        return figure["note"] or "-"
    text = number(figure["value"], figure["unit"])
    if figure["control"] is not None:
        text += f" ({number(figure['control'], figure['unit'])})"
    if figure["goal"] is not None and figure["value"] > figure["goal"]:
        text = f"**{text}**"
    return f"{text} {figure['note']}".rstrip()


def scenario_table(results: dict[str, Any], name: str) -> Iterator[str]:
    """The lines of one table: a row for each figure, a column for each tool."""
    scenario = results["scenarios"][name]
    columns = [tool for tool in results["tools"] if tool in scenario["figures"]]
    titles = [results["tools"][tool]["title"] for tool in columns]
    by_row: dict[str, dict[str, dict[str, Any]]] = {}
    for tool in columns:
        for figure in scenario["figures"][tool]:
            by_row.setdefault(figure["row"], {})[tool] = figure
    yield f"### {scenario['title']}"
    yield ""
    if not by_row:
        yield "Not measured in this run."
        yield ""
        return
    with_goals = any(figure["goal"] is not None for row in by_row.values() for figure in row.values())
    yield f"| | {'to reach | ' if with_goals else ''}{' | '.join(titles)} |"
    yield "|---|" + "---:|" * (len(titles) + with_goals)
    for row, cells in by_row.items():
        some = next(iter(cells.values()))
        unit = f", {some['unit']}" if some["unit"] not in {"", "yes"} else ""
        goals = [figure["goal"] for figure in cells.values() if figure["goal"] is not None]
        goal = [f"≤ {number(goals[0], some['unit'])}" if goals else ""] if with_goals else []
        texts = [cell(cells[tool]) if tool in cells else "" for tool in columns]
        yield f"| {row}{unit} | {' | '.join((*goal, *texts))} |"
    yield ""


_DETAILS = {
    "processor": "extra, processor time", "first": "extra, first save", "median frame": "median frame",
    "update": "all work", "frames": "frames", "to live": "save to live", "full collections": "full collections",
}  # fmt: skip


def detail_table(results: dict[str, Any], name: str) -> Iterator[str]:
    """What else is known of our longest frames; nothing where there are none."""
    ours = results["scenarios"][name]["figures"].get("livescripts", [])
    figures = [figure for figure in ours if "processor" in figure["details"]]
    if not figures:
        return
    yield "livescripts in detail, ms:"
    yield ""
    yield f"| | {' | '.join(_DETAILS.values())} |"
    yield "|---|" + "---:|" * len(_DETAILS)
    for figure in figures:
        cells = [
            number(value, "" if key in {"frames", "full collections"} else "ms")
            for key in _DETAILS
            if (value := figure["details"][key]) is not None
        ]
        yield f"| {figure['row']} | {' | '.join(cells)} |"
    yield ""


def _missing(results: dict[str, Any]) -> Iterator[str]:
    for tool in results["tools"].values():
        if tool["unavailable"]:
            yield f"- {tool['title']}: not measured, {tool['unavailable']}."
    for failure in results["failures"]:
        yield f"- {failure}"


def document(results: dict[str, Any]) -> str:
    """All of it."""
    machine = results["machine"]
    lines = [
        "`{command}` printed this in {minutes:.1f} minutes, on {processors} processors ({architecture}, {system}), with {python}.".format(
            command=results["command"], minutes=results["seconds"] / 60, **machine
        ),
        "",
        LEGEND,
        "",
        "| tool | version | how it is used |",
        "|---|---|---|",
        *(
            f"| {tool['title']} | {tool['version'] or '-'} | {tool['note'] or 'as anybody would'} |"
            for tool in results["tools"].values()
        ),
        "",
    ]
    missing = list(_missing(results))
    if missing:
        lines += [*missing, ""]
    for name in results["scenarios"]:
        lines += [*scenario_table(results, name), *detail_table(results, name)]
    return "\n".join(lines).rstrip() + "\n"


def replace_between_markers(path: Path, text: str) -> None:
    """Put the text where the markers say. Raises `ValueError` if they are not there."""
    old = path.read_text(encoding="utf-8")
    pattern = re.compile(f"{re.escape(BEGIN)}.*?{re.escape(END)}", re.DOTALL)
    if not pattern.search(old):
        message = f"{path} has no {BEGIN} and {END}"
        raise ValueError(message)
    new = pattern.sub(lambda _: f"{BEGIN}\n{text}{END}", old, count=1)
    path.write_text(new, encoding="utf-8")
