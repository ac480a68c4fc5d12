"""Is this function right, and if not, which misunderstanding is it?"""

from nst.checks.engine import compiled

__all__ = ["compiled"]
