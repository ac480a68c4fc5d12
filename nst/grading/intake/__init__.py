"""Untrusted files come in."""
