"""Make the reference data of the checks again: nst/checks/reference/<assignment>.json.

    python tools/reference/make_reference.py

The published inputs are drawn as the original exercise drew them. Every other input is a NumPy draw of quarters, exact
in float32. Their outputs are computed here in float64 by plain Python loops straight from the formulas: a second,
independent specification of the exercises, on purpose without TensorFlow and without NumPy's array arithmetic.
"""

import json
import re

import numpy as np

from nst.paths import CHECKOUT
from tools.reference import face_recognition, fast_style_transfer, neural_style_transfer, what_convnets_see

TARGETS = CHECKOUT / "nst" / "checks" / "reference"

ASSIGNMENTS = {
    "what-convnets-see": what_convnets_see.make,
    "neural-style-transfer": neural_style_transfer.make,
    "fast-style-transfer": fast_style_transfer.make,
    "face-recognition": face_recognition.make,
}


def as_json(cases):
    """The file's text: float32 numbers as the shortest decimals that read back as the same float32."""

    def plain(value):
        if isinstance(value, np.ndarray):
            return [plain(item) for item in value]
        if isinstance(value, np.float32):
            return float(str(value))
        return value.item() if isinstance(value, np.generic) else value

    def walk(value):
        if isinstance(value, dict):
            return {key: walk(item) for key, item in value.items()}
        return [walk(item) for item in value] if isinstance(value, list) else plain(value)

    text = json.dumps(walk(cases), indent=1, ensure_ascii=False)
    # One line for each innermost list of numbers, so that a picture reads as pixels.
    return re.sub(r"\[\s+([^][{}]*?)\s+\]", lambda m: "[" + re.sub(r"\s+", " ", m.group(1)) + "]", text) + "\n"


if __name__ == "__main__":
    TARGETS.mkdir(parents=True, exist_ok=True)
    for assignment, make in ASSIGNMENTS.items():
        target = TARGETS / f"{assignment}.json"
        target.write_text(as_json(make()), encoding="utf-8")
        print(f"wrote {target} ({target.stat().st_size / 1024:.0f} KiB)")
