"""`update()` once per frame, for engines that own the loop: one module per engine, each with one line to call.

    import livescripts.engines.pyglet

    undo = livescripts.engines.pyglet.install(live)

Import the module of your engine by its full name, as above: `from livescripts.engines import pyglet` would hide pyglet.
"""

# Rule 1: one file per engine. It is imported by nobody else, and imports its engine when `install` is called.
# Rule 2: `update()` is called where the engine calls one function after the other, so that no behaviour is on the stack.
# Rule 3: an adapter raises nothing into the engine's loop but what `update()` raises for wrong use.
