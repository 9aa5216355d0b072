"""Effects on the operating system: what is on the disk, and what changed there."""
