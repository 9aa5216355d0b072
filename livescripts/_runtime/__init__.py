"""Effects on the interpreter: modules, staging, classes, instances. See docs/internals.md."""
