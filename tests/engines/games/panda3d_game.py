from panda3d.core import loadPrcFileData

loadPrcFileData("", "window-type none\naudio-library-name null")

import behaviour  # noqa: E402
from direct.showbase.ShowBase import ShowBase  # noqa: E402

import livescripts.engines.panda3d  # noqa: E402


class Game(ShowBase):
    def __init__(self) -> None:
        super().__init__()
        self.taskMgr.add(self.play, "play")

    def play(self, task):
        if behaviour.frame():
            self.taskMgr.stop()
        return task.cont


game = Game()
undo = livescripts.engines.panda3d.install(behaviour.live)
game.run()
undo()
behaviour.finish()
game.taskMgr.step()
