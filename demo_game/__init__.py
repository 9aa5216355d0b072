"""Bughunt: a top-down arena shooter whose whole behaviour is reloaded while it runs.

`engine/` is ordinary host code: window, loop, input, collision, drawing. Everything the game *does* is in
`scripts/`, which livescripts loads as the `game` namespace and keeps up to date. Start it with
`python -m demo_game`, or watch it being edited with `python -m demo_game --tour`.
"""
