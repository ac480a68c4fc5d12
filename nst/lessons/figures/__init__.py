"""The figures of the notebooks, drawn by code. Nothing here is graded; read it when you want to draw your own.

    pictures          in all of them: pictures side by side, and maps of numbers
    networks          in all of them: the layers of a network, and what its channels show
    gallery           in all of them: pictures that come one after another, as they are painted
    costs             in both style transfers: what the costs are made of, and how large they are
    convolution       in what-convnets-see 1: filters that slide over signals and pictures
    clips             in what-convnets-see 1: filters for motion
    what_units_see    in what-convnets-see 2
    colours, drawing  what figures have in common

A figure that draws numbers writes its alternative text itself, from the numbers. One that shows pictures asks for it:
`alt` says what is to be seen, for those who do not see it.

Those of face-recognition are in nst/lessons/face_figures.py, and the film of a training in nst/lessons/watch.py.
"""

from nst.lessons.figures.clips import directions, motion
from nst.lessons.figures.convolution import curves, filter_positions, filters, sliding_filter, sliding_window
from nst.lessons.figures.costs import bars, falling, neighbours, numbered_cells, table_of_numbers
from nst.lessons.figures.gallery import Gallery
from nst.lessons.figures.networks import channels, layers, network, painting_loop
from nst.lessons.figures.pictures import heatmaps, pictures_above_maps, show
from nst.lessons.figures.what_units_see import cone, influence, units

__all__ = [
    "Gallery",
    "bars",
    "channels",
    "cone",
    "curves",
    "directions",
    "falling",
    "filter_positions",
    "filters",
    "heatmaps",
    "influence",
    "layers",
    "motion",
    "neighbours",
    "network",
    "numbered_cells",
    "painting_loop",
    "pictures_above_maps",
    "show",
    "sliding_filter",
    "sliding_window",
    "table_of_numbers",
    "units",
]
