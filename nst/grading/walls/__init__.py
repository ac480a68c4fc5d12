"""What encloses the student's code."""
