"""What every part of a training must agree on."""

SIZE = 128  # of a crop, height and width
BATCH = 8
