import behaviour
import pyglet

pyglet.options.headless = True

import livescripts.engines.pyglet  # noqa: E402


def play(dt: float) -> None:
    if behaviour.frame():
        pyglet.app.exit()


livescripts.engines.pyglet.install(behaviour.live, interval=1 / 200)
pyglet.clock.schedule_interval(play, 1 / 200)
pyglet.app.run()
behaviour.finish()
pyglet.clock.tick()  # the plugin is closed: it takes itself off the clock
