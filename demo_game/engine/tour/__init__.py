"""The tour: real edits to the scripts of a running game, each with a caption and an expectation.

`edits` are values that write files, `probes` watch the game, `steps` lists the tour, `runner` takes it one
frame at a time, `player` connects it to the window or to the console.
"""
