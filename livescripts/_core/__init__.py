"""Pure decisions: no clock, no disk, no threads, no interpreter state. See docs/internals.md."""
