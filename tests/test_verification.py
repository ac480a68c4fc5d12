"""How well distances tell people apart: the curve, its area, the best threshold."""

import numpy as np
import pytest

from nst.lessons.verification import roc, verification_accuracy


def test_the_area_under_the_curve_is_the_chance_that_a_stranger_is_further():
    random = np.random.default_rng(2)
    same, different = random.normal(0.6, 0.2, 300), random.normal(0.9, 0.2, 200)
    thresholds, false, true, area = roc(same, different)
    assert area == pytest.approx((same[:, None] < different).mean())
    assert (false[0], true[0], false[-1], true[-1]) == (0, 0, 1, 1)
    accuracy, threshold = verification_accuracy(same, different)
    assert accuracy == pytest.approx(((same < threshold).mean() + (different >= threshold).mean()) / 2)
    assert threshold in thresholds and accuracy > 0.7
