"""A client of the Debug Adapter Protocol, as an editor is one, and a game that it is attached to."""

from __future__ import annotations

import json
import os
import queue
import socket
import subprocess
import sys
import threading
from collections import deque

import livescripts

PATIENCE = 60  # seconds until something that never comes is given up
LIMIT = 0.5  # seconds that a script may take

# It plays one frame for each line that it is sent, and says what the goblin did. The line names what was saved before.
GAME = """
import sys
import debugpy
import livescripts
from livescripts.testing import ManualWatcher

live = livescripts.LiveScripts(watch=ManualWatcher(), timeout=float(sys.argv[2]))
live.add_directory(sys.argv[1], namespace="game")
import game
goblin = game.Goblin()
print(debugpy.listen(("127.0.0.1", 0))[1], flush=True)
debugpy.wait_for_client()
for line in sys.stdin:
    saved = line.split()
    report = live.reload(*saved) if saved else live.update()
    print(*[outcome for outcome in report.rejected] or [goblin.act()], flush=True)
live.close()
"""


class Client:
    """One session: requests are answered in order, events are looked for by name."""

    def __init__(self, port):
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE)
        self._stream = self._socket.makefile("rb")
        self._number = 0
        self._seen = deque()

    def close(self):
        self._stream.close()
        self._socket.close()

    def send(self, command, **arguments):
        self._number += 1
        message = {"seq": self._number, "type": "request", "command": command, "arguments": arguments}
        data = json.dumps(message).encode()
        self._socket.sendall(b"Content-Length: %d\r\n\r\n%s" % (len(data), data))
        return self._number

    def ask(self, command, **arguments):
        """The body of the answer."""
        return self.answer(self.send(command, **arguments))

    def answer(self, number):
        found = self._next(lambda message: message.get("request_seq") == number)
        assert found["success"], found
        return found.get("body", {})

    def event(self, *names):
        return self._next(lambda message: message.get("event") in names)

    def _next(self, wanted):
        for message in self._seen:
            if wanted(message):
                self._seen.remove(message)
                return message
        while not wanted(message := self._read()):
            self._seen.append(message)
        return message

    def _read(self):
        size = 0
        while line := self._stream.readline().strip():
            name, _, value = line.partition(b":")
            if name.lower() == b"content-length":
                size = int(value)
        assert size, "the adapter has gone"
        return json.loads(self._stream.read(size))

    def attach(self):
        self.ask("initialize", adapterID="test", pathFormat="path", linesStartAt1=True, columnsStartAt1=True)
        # As if it were installed like other libraries, which are not the player's code.
        rules = [{"path": os.path.join(os.path.dirname(livescripts.__file__), "**"), "include": False}]
        attached = self.send("attach", justMyCode=True, rules=rules)
        self.event("initialized")
        self.ask("setExceptionBreakpoints", filters=[])
        self.ask("configurationDone")
        self.answer(attached)

    def set_breakpoints(self, path, *places):
        """Replace those of a file, as an editor does after each save. A place is a line, or a line and more."""
        places = [place if isinstance(place, dict) else {"line": place} for place in places]
        return self.ask("setBreakpoints", source={"path": str(path)}, breakpoints=places)["breakpoints"]

    def stopped(self, *why):
        """Wait until the game has stopped: its thread, and its frames as (name, path, line), the innermost first."""
        body = self.event("stopped")["body"]
        frames = self.ask("stackTrace", threadId=body["threadId"])["stackFrames"]
        places = [(frame["name"], frame.get("source", {}).get("path"), frame["line"]) for frame in frames]
        assert body["reason"] in why, (body, places)
        return body["threadId"], places

    def evaluate(self, thread, expression):
        frame = self.ask("stackTrace", threadId=thread)["stackFrames"][0]
        return self.ask("evaluate", expression=expression, frameId=frame["id"], context="watch")["result"]


class Game:
    """The game's process. What it says comes through a thread, so that waiting for it can end."""

    def __init__(self, goblin):
        self.goblin = str(goblin)
        self.process = subprocess.Popen(
            [sys.executable, "-Xfrozen_modules=off", "-c", GAME, os.path.dirname(self.goblin), str(LIMIT)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._said = queue.SimpleQueue()
        threading.Thread(target=self._listen, daemon=True).start()
        self.client = Client(int(self.said()))
        self.client.attach()

    def _listen(self):
        for line in self.process.stdout:
            self._said.put(line.strip())

    def said(self):
        return self._said.get(timeout=PATIENCE)

    def frame(self):
        """Let it play a frame. It may stop in it."""
        print(file=self.process.stdin, flush=True)

    def save(self, text, *breakpoints):
        """Save the script, as an editor does: its breakpoints are sent anew. Let it play the frame that takes it over."""
        with open(self.goblin, "w", encoding="utf-8") as file:
            file.write(text)
        self.client.set_breakpoints(self.goblin, *breakpoints)
        print(self.goblin, file=self.process.stdin, flush=True)

    def close(self):
        self.client.close()
        self.process.stdin.close()
        try:
            self.process.wait(PATIENCE)
        finally:
            self.process.kill()
            self.process.wait()
            self.process.stdout.close()
