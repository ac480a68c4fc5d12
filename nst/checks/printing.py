"""What a student reads of a verdict where there is no panel, and how results are written down."""

import textwrap

import numpy as np


def written(exercise, outcome, case):
    """(label, value, reference) of each result of an exercise's function on a case, as texts."""
    rows = []
    for name, array, reference in zip(exercise.results, outcome, case.expected.values(), strict=True):
        label = exercise.name if len(outcome) == 1 else f"{exercise.name}, {name}"
        reference = np.asarray(reference)
        if name in exercise.words:
            rows.append((label, exercise.words[name](array), exercise.words[name](reference)))
        elif array.ndim == reference.ndim == 0:
            rows.append((label, _number(array, array), _number(reference, array)))
        elif array.ndim < 4 and reference.ndim < 4:
            rows.append((label, _matrix(array), _matrix(reference)))
        else:  # a picture: its first pixel stands for all
            rows.append((f"{label}, first pixel", _first_pixel(array), _first_pixel(reference)))
    return rows


def as_text(verdict):
    """All that a verdict says, its hints one below the other."""
    return "\n".join([*_headed(verdict), *_wrong(verdict), *_found(verdict), *_hinted(verdict)])


def seen_as_text(verdict):
    """What a verdict has seen, without what it makes of it: the values, and what was found right."""
    return "\n".join([*_headed(verdict), *_found(verdict)])


def told_as_text(verdict):
    """What a verdict makes of what it has seen: what is wrong, and the hints."""
    return "\n".join([*_wrong(verdict), *_hinted(verdict)])


def _headed(verdict):
    return [verdict.title, *([verdict.stale] if verdict.stale else [])]


def _found(verdict):
    lines = []
    for label, value, reference in verdict.values:
        if "\n" in value + reference or len(value + reference) > 60:
            lines.append(f"{label}:\n{value}\nreference:\n{reference}")
        else:
            lines.append(f"{label}: {value}   reference: {reference}")
    lines += [f"  ✓ {held}" for held in verdict.held]
    lines += [f"  – {note}" for note in verdict.notes]
    return lines


def _wrong(verdict):
    lines = [said for said in (verdict.sentence, verdict.explanation) if said]
    if verdict.place:
        lines.append(f"It stopped at {verdict.place.where}: {verdict.place.text}")
    return lines


def _hinted(verdict):
    lines = [f"Where to look: {verdict.look}"] if verdict.look else []
    lines += [f"What goes wrong: {name}: {hint}" if name else f"What to do: {hint}" for name, hint in verdict.causes]
    if verdict.experiment:
        lines.append("See it yourself: paste this into a new cell below your function, and run it.")
        lines.append(textwrap.indent(verdict.experiment, "    "))
    if verdict.offer:
        lines.append(verdict.offer)
    if verdict.raw:
        lines.append(f"What Python says: {verdict.raw}")
    return lines


def wrapped(text, width=80):
    """A text in lines of no more than `width` characters, those that are indented left as they are."""
    return "\n".join(line if line.startswith(" ") else textwrap.fill(line, width) for line in text.splitlines())


def _number(value, like):
    """Six digits where `like` is float32, all digits where it is float64."""
    return repr(float(value)) if like.dtype == np.float64 else f"{float(value):.6g}"


def _first_pixel(array):
    return _matrix(array[(0,) * (array.ndim - 1)]) if array.ndim else _number(array, array)


def _matrix(array):
    numbers = array if array.dtype.kind in "iu" else array.astype(np.float64)
    return np.array2string(numbers, precision=5, suppress_small=True)
