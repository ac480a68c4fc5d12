"""`nst weights`: fetch the full VGG-19."""

import argparse
import sys

from nst.weights.download import fetch
from nst.weights.files import WeightsError
from nst.weights.vgg19 import SOURCES


def main(arguments=None):
    """`nst weights`: fetch the full VGG-19, so that load_vgg_model() takes it from then on."""
    parser = argparse.ArgumentParser(prog="nst weights", description=main.__doc__)
    parser.add_argument("name", nargs="?", default="vgg19", help=f"one of {', '.join(SOURCES)} (default: %(default)s)")
    parser.add_argument("--folder", help="where to put it (default: the course's pretrained-model/)")
    parser.add_argument("--url", help="another address of the same file")
    options = parser.parse_args(arguments)
    try:
        fetch(options.name, options.folder, options.url)
    except WeightsError as error:
        sys.exit(str(error))
    except KeyboardInterrupt:
        sys.exit(130)  # fetch has said what is kept
