"""Stands for nst.lessons.verification, whose ROC curve holds the acceptance rates of every threshold."""

__all__ = ["pair_distances", "roc", "verification_accuracy"]


def _missing(*arguments, **options):
    raise RuntimeError("nst.lessons.verification is not in this process; nothing is lost where only a figure needs it.")


pair_distances = roc = verification_accuracy = _missing
