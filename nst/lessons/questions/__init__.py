"""The questions of `nst.lessons.predictions`, a module for each assignment. Whoever reads on here reads the answers."""

from nst.lessons.questions.face_recognition import FACE_RECOGNITION
from nst.lessons.questions.fast_style_transfer import FAST_STYLE_TRANSFER
from nst.lessons.questions.neural_style_transfer import NEURAL_STYLE_TRANSFER
from nst.lessons.questions.what_convnets_see import WHAT_CONVNETS_SEE

QUESTIONS = WHAT_CONVNETS_SEE | NEURAL_STYLE_TRANSFER | FAST_STYLE_TRANSFER | FACE_RECOGNITION
