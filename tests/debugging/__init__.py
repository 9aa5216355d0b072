"""Debuggers and profilers, in a game whose scripts are edited. docs/debugging.md says what to expect."""
