"""Which submissions are more alike than chance makes them in this class? A question for a person, never a verdict."""
