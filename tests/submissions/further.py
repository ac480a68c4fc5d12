"""Further rows: what somebody thought of who knows how this grader works."""
