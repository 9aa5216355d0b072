import behaviour
from ursina import Entity, Ursina, application

import livescripts.engines.ursina

app = Ursina(window_type="none", development_mode=False)


class Player(Entity):
    def update(self) -> None:
        if behaviour.frame():
            app.taskMgr.stop()


Player()
livescripts.engines.ursina.install(behaviour.live)
application.show_ursina_splash = False
app.run()
behaviour.finish()
