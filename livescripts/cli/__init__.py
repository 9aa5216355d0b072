"""The command `livescripts`: check, graph, stubs, new. One file for each; `main` joins them.

# Only `child` executes scripts, in a process of its own; `stubs` never does.
# Exit codes: 0 fine, 1 problems found, 2 wrong use.
"""
