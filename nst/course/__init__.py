"""From what an instructor edits to what a student opens."""
