"""The host side of the demo: loaded once, never reloaded.

Imports run one way: `app -> window | headless -> session -> world -> grid, guard, contract`. Only `art`,
`text`, `draw`, `panel`, `keys`, `display` and `window` import pygame, so scripts and their unit tests need no
display.
"""
