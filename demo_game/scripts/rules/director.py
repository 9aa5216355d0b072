"""Runs the game: waves, holes they come from, score, the end and the new beginning."""

import game
from game.actors import Actor
from game.rules import Scoring

from demo_game.engine.contract import FLOOR


def bestiary():
    """Return every kind of bug a wave may pick, by name: whatever is in `game.bugs` at this moment."""
    kinds = {}
    for name in sorted(dir(game.bugs)):
        kind = getattr(game.bugs, name)
        if isinstance(kind, type) and issubclass(kind, game.bugs.Bug) and kind.spec is not None:
            kinds[name] = kind
    return kinds


class Hole(Actor):
    """Opens in the board, lets a group out, closes."""

    sprite = "hole"
    layer = FLOOR

    def __init__(self, x, y, kind, count, elite):
        super().__init__(x, y)
        self.kind = kind
        self.count = count
        self.elite = elite
        self.next = 0.8

    def update(self, world, dt):
        """Let one out after the other."""
        super().update(world, dt)
        self.frame = min(3, int(self.age * 6))
        self.next -= dt
        if self.next > 0.0:
            return
        self.next = 0.12
        if self.count == 0:
            self.alive = False
            return
        if len(world.team("bug")) >= game.tuning.MOST_BUGS:
            return
        self.count -= 1
        kind = bestiary().get(self.kind)
        if kind is None:  # its file is gone
            self.count = 0
            return
        rng = world.rng
        bug = kind(self.x + rng.uniform(-6, 6), self.y + rng.uniform(-6, 6), self.elite)
        self.elite = False
        world.spawn(bug)


class Director:
    """The state of one game, from the first wave to the last hit."""

    def __init__(self):
        self.scoring = Scoring()
        self.wave = 0
        self.clock = 0.0
        self.pending = []
        self.pause = 1.5
        self.banner = ""
        self.banner_left = 0.0
        self.over_for = None
        self.known = set(bestiary())

    @property
    def score(self):
        """Points so far."""
        return self.scoring.score

    def start(self, world):
        """Begin a game in an empty arena."""
        self.__init__()
        world.wipe()
        world.player = world.spawn(game.actors.Player(world.width / 2, world.height / 2))
        self.say("BUGHUNT", 2.2)

    def say(self, words, seconds):
        """Show words in the middle of the screen."""
        self.banner, self.banner_left = words, seconds

    def update(self, world, dt):
        """Keep the game going."""
        world.shake = max(0.0, world.shake * 0.88 - 0.02)
        self.scoring.update(dt)
        game.rules.remember(self.score)
        self.banner_left = max(0.0, self.banner_left - dt)
        if self.over_for is not None:
            self.over_for += dt
            if self.over_for > 2.0 and world.controls.fire:
                self.start(world)
            return
        self.clock += dt
        if world.frame % 30 == 0:
            self.welcome(world)
        while self.pending and self.pending[0].at <= self.clock:
            self.open_hole(self.pending.pop(0), world)
        # The next wave does not wait for the last bug: a slow drone gets into trouble.
        beaten = self.clock > 3.0 and len(world.team("bug")) <= 4 + self.wave
        if not self.pending and (beaten or self.clock > game.tuning.WAVE_LIMIT):
            self.pause -= dt
        if self.wave == 0 or self.pause <= 0.0:
            self.next_wave(world)

    def next_wave(self, world):
        """Plan and announce the next wave."""
        self.wave += 1
        self.clock = 0.0
        self.pause = game.tuning.WAVE_PAUSE
        menu = {name: kind.spec for name, kind in bestiary().items()}
        self.pending = game.rules.plan_wave(self.wave, menu, world.rng)
        royal = any(arrival.kind == "Queen" for arrival in self.pending)
        if self.wave > 1:
            self.say("THE QUEEN" if royal else f"WAVE {self.wave}", 1.8)

    def welcome(self, world):
        """Bring in what was written while the game runs: it need not wait for its wave."""
        kinds = bestiary()
        for name in sorted(set(kinds) - self.known):
            self.say(f"NEW: {name.upper()}", 2.0)
            self.open_hole(game.rules.Arrival(self.clock, name, 8), world)
        self.known = set(kinds)

    def open_hole(self, arrival, world):
        """Choose a place away from the drone, and let a group come out there."""
        rng = world.rng
        margin = 24
        for _ in range(8):
            x = rng.uniform(margin, world.width - margin)
            y = rng.uniform(margin, world.height - margin)
            if world.player is None or abs(x - world.player.x) + abs(y - world.player.y) > 170:
                break
        elite = self.wave > 1 and arrival.kind != "Queen" and rng.random() < game.tuning.ELITE_CHANCE * arrival.count
        world.spawn(Hole(x, y, arrival.kind, arrival.count, elite))

    def killed(self, bug, worth, world):
        """Count a dead bug."""
        points = self.scoring.kill(worth)
        if self.scoring.multiplier > 1 or points >= 100:
            game.fx.floater(world, bug.x, bug.y - 8, f"+{points}", "gold")

    def game_over(self, world):
        """End the game; it begins anew when somebody fires."""
        self.over_for = 0.0
        self.say("DRONE LOST", 99.0)
