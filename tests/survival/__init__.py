"""What survives a reload, row by row: see docs/survival.md."""
