"""Hints that exercises of several assignments share."""

SQUARE_DIFFERENCES = (
    "You add up the differences themselves, so positive and negative ones cancel. Square them before you sum."
)
SQUARED_AFTER_THE_SUM = (
    "You add up the differences and square the sum, so positive and negative ones have cancelled before. Square each "
    "difference first, then add up."
)
ABSOLUTE_DIFFERENCES = (
    "You add up absolute differences. The formula squares them: large differences should weigh much more than small "
    "ones."
)
DIAGONAL_ONLY = (
    "You compare every channel with itself. The Gram matrix also compares each channel with every other one."
)
#: To be filled with the shape, and continued with the way that is right there.
RESHAPED = "Reshaping straight to {} reads the numbers in memory order, so a row mixes the channels. "
COSTS_FOR_THE_FUNCTION = (
    "You return costs of one picture. Return the function `cost`, without calling it: painting calls it again and "
    "again."
)
