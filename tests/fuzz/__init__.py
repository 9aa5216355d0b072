"""Breaking it on purpose: random edits at length, and a failure at every step of a reload.

`python -m tests.fuzz edits --steps 2000 --seed 1` and `python -m tests.fuzz faults --stride 1` are the long modes; the
tests in this directory run a small, fixed part of both.
"""
