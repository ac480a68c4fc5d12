"""Painting: changing the pixels of a picture until a cost is low. What notebooks import stands here."""

from nst.painting.colours import keep_colours, match_colours
from nst.painting.loop import paint
from nst.painting.memory import demand_memory, megabytes
from nst.painting.monitor import Monitor
from nst.painting.scales import paint_scales, resized, scales
from nst.painting.schedule import Phase
from nst.painting.styles import Style, cost_maker
from nst.painting.together import Together

__all__ = [
    "Monitor",
    "Phase",
    "Style",
    "Together",
    "cost_maker",
    "demand_memory",
    "keep_colours",
    "match_colours",
    "megabytes",
    "paint",
    "paint_scales",
    "resized",
    "scales",
]
