"""Submissions wait, are judged beside each other, and what they came to is kept until it is written down."""
