"""Both ends of the pipe between the tests and the student's code."""
