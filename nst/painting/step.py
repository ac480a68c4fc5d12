"""What an optimiser hands to the loop: the generators `adam` and `lbfgs` yield a Step for every picture to be kept."""

from typing import NamedTuple


class Step(NamedTuple):
    """A step that is done; the tf.Variable holds its picture.

    number: the iteration, counting from 0.
    costs: a dictionary of scalar tensors.
    memory: what the optimiser needs besides the picture to go on as if it had never stopped: a list of tf.Variables.
    """

    number: int
    costs: dict
    memory: list


class NotFiniteError(Exception):
    """A cost or its gradient is not a finite number; the picture is back at the last one where both were.

    step: the iteration that failed, with its costs.
    """

    def __init__(self, step):
        super().__init__()
        self.step = step
