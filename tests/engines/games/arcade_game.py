import os

HEADLESS = not os.environ.get("DISPLAY")
if HEADLESS:
    os.environ["ARCADE_HEADLESS"] = "True"

import arcade  # noqa: E402
import behaviour  # noqa: E402
import pyglet  # noqa: E402

import livescripts.engines.arcade  # noqa: E402


class Window(arcade.Window):
    def on_update(self, delta_time: float) -> None:
        if behaviour.frame():
            arcade.exit()

    def on_draw(self) -> None:
        self.clear()


window = Window(160, 120, "goblins", update_rate=1 / 100, draw_rate=1 / 100)
livescripts.engines.arcade.install(behaviour.live, interval=1 / 100)
if HEADLESS:
    # Without a window `arcade.run()` has a loop of its own, which runs nothing that is scheduled. This is what it does
    # with one.
    pyglet.app.run(None)
else:
    arcade.run()
behaviour.finish()
