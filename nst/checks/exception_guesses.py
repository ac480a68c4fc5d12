"""What a student meant, probably: sentences on exceptions for which one has to look at names and values.

Each function takes the match of the error's message and the Place where it arose; None where it has nothing to say.
"""

import builtins
import inspect
import sys

from nst.checks.place import nearest

NOTHING = (
    "{owner} is None. It comes from a function that returns nothing, most often because its `return` is missing, "
    "or from a line that only changes something, as `list.append` does."
)

#: Names that people look for in a module of TensorFlow -> what it is called there.
_CALLED = {
    "sum": "tf.reduce_sum",
    "mean": "tf.reduce_mean",
    "max": "tf.reduce_max",
    "min": "tf.reduce_min",
    "prod": "tf.reduce_prod",
    "div": "tf.divide",
    "sub": "tf.subtract",
    "mul": "tf.multiply",
    "power": "tf.pow",
    "squared": "tf.square",
    "dot": "tf.matmul, or tf.tensordot",
    "array": "tf.constant",
    "to_float": "tf.cast(…, tf.float32)",
    "to_int32": "tf.cast(…, tf.int32)",
    "AdamOptimizer": "tf.keras.optimizers.Adam",
    "GradientDescentOptimizer": "tf.keras.optimizers.SGD",
}
_OF_VERSION_1 = {"Session", "InteractiveSession", "placeholder", "global_variables_initializer", "reset_default_graph"}
_SHORT = {"tensorflow": "tf", "numpy": "np"}

#: What tensors lack -> what to write for it; x is the tensor.
_OF_TENSORS = {
    "T": "tf.transpose({x})",
    "reshape": "tf.reshape({x}, …)",
    "view": "tf.reshape({x}, …)",
    "transpose": "tf.transpose({x}, perm=[…])",
    "permute": "tf.transpose({x}, perm=[…])",
    "flatten": "tf.reshape({x}, [-1])",
    "ravel": "tf.reshape({x}, [-1])",
    "squeeze": "tf.squeeze({x}, axis=…)",
    "unsqueeze": "tf.expand_dims({x}, axis=…)",
    "sum": "tf.reduce_sum({x})",
    "mean": "tf.reduce_mean({x})",
    "max": "tf.reduce_max({x})",
    "min": "tf.reduce_min({x})",
    "dot": "tf.matmul({x}, …)",
    "mm": "tf.matmul({x}, …)",
    "pow": "tf.pow({x}, …), or {x} ** 2",
    "sqrt": "tf.sqrt({x})",
    "abs": "tf.abs({x})",
    "clip": "tf.clip_by_value({x}, …, …)",
    "size": "{x}.shape",
    "copy": "tf.identity({x})",
    "clone": "tf.identity({x})",
    "astype": "tf.cast({x}, tf.float32)",
    "float": "tf.cast({x}, tf.float32)",
    "item": "float({x})",
    "detach": "tf.stop_gradient({x})",
    "backward": "tape.gradient({x}, picture), with a tf.GradientTape",
}

_KEYWORDS = {
    "axes": "axis",
    "dim": "axis",
    "dims": "axis",
    "reduction_indices": "axis",
    "keep_dims": "keepdims",
    "keepdim": "keepdims",
    "lr": "learning_rate",
    "transpose": "transpose_b",
}


def module_lacks(match, place):
    """A name that a module does not have."""
    module = getattr(place.error, "obj", None) or sys.modules.get(match["module"])
    name, bare = match["name"], place.words()["bare"]
    if bare == "x":
        bare = _SHORT.get(match["module"], match["module"].rpartition(".")[2])
    written = f"{bare}.{name}"
    tensorflow = match["module"].split(".")[0] in ("tensorflow", "keras")
    if tensorflow and name in _OF_VERSION_1:
        return (
            f"`{written}` belongs to TensorFlow 1. TensorFlow 2 computes at once and needs no such thing: leave it out."
        )
    if tensorflow and name in _CALLED:
        return f"There is no `{written}`; in TensorFlow 2 it is called `{_CALLED[name]}`."
    if not tensorflow and hasattr(builtins, name):
        return f"There is no `{written}` any more: write `{name}`, which is Python's own."
    for part in ("math", "linalg", "nn", "image", "random"):
        if module is not None and hasattr(getattr(module, part, None), name):
            return f"There is no `{written}`; did you mean `{bare}.{part}.{name}`?"
    near = nearest(name, dir(module)) if module is not None else None
    if near:
        return f"There is no `{written}`; did you mean `{bare}.{near}`?"
    return f"There is no `{written}`: compare the name with the one in the notebook, letter by letter."


def tensor_lacks(match, place):
    """A method of NumPy's or PyTorch's that a tensor does not have."""
    name, words = match["name"], place.words()
    if name in _OF_TENSORS:
        return f"A TensorFlow tensor has no `.{name}`: write `{_OF_TENSORS[name].format(x=words['bare'])}`."
    near = nearest(name, dir(getattr(place.error, "obj", None)))
    if near:
        return f"A TensorFlow tensor has no `.{name}`; did you mean `.{near}`?"
    return f"A TensorFlow tensor has no `.{name}`: look for a function of `tf` that does it."


def lacks(match, place):
    """A name that something else does not have."""
    name, owner = match["name"], place.words()["owner"]
    near = nearest(name, dir(getattr(place.error, "obj", None)))
    if near:
        return f"{owner} has no `.{name}`; did you mean `.{near}`?"
    return None


def operands(match, place):
    """Two things that Python cannot compute with."""
    words = place.words()
    for side, what in (("left", "owner"), ("right", "other")):
        kind, written = match[side], words[what] if place.node is not None else "One side"
        if kind == "NoneType":
            return NOTHING.format(owner=written)
        if kind in ("function", "method", "builtin_function_or_method", "type"):
            return f"{written} is a function: call it, with round brackets after it, to compute with what it gives."
        if kind in ("tuple", "TensorShape"):
            return (
                f"{written} is a tuple, several numbers in one: take the one you mean, as in `shape[1]`, or give each "
                "a name first, as in `N, H, W, C = shape`."
            )
        if kind == "list":
            return (
                f"{written} is a Python list, with which Python does not compute number by number: make it a tensor, "
                "tf.constant(…), or go through it with a loop."
            )
        if kind == "str":
            return (
                f"{written} is a text, and no number: leave its quotation marks out, or make it a number with float(…)."
            )
        if kind == "dict":
            return f"{written} is a dictionary: take the entry you mean first, with square brackets and its name."
    return None


def keyword(match, place):
    """An argument by a name that the function does not have."""
    function, written = place.called()
    name, known = match["name"], _parameters(function)
    if match.groupdict().get("function") and written and match["function"].split(".")[-1] not in written:
        return None  # it is the function that another one calls
    written = written or "The function"
    near = _KEYWORDS.get(name) if not known or _KEYWORDS.get(name) in known else None
    near = near or nearest(name, known)
    if near:
        return f"{written} has no argument `{name}`; did you mean `{near}`?"
    if known:
        return f"{written} has no argument `{name}`; it takes {', '.join(known[:8])}."
    return f"{written} has no argument `{name}`: look at its first line for those that it takes."


def missing(match, place):
    """A call without all arguments."""
    function, written = place.called()
    if written:
        needed = _parameters(function, needed=True)
        if needed:
            return f"{written} is called with too few arguments; it needs {', '.join(needed)}."
        return f"{written} is called with too few arguments: look at its first line for those that it takes."
    return _own_first_line(match)


def too_many(match, place):
    """A call with more arguments than there are."""
    function, written = place.called()
    if written:
        known = ", ".join(_parameters(function)) or "none"
        return f"{written} is called with too many arguments: it takes {known}."
    return _own_first_line(match)


def _own_first_line(match):
    name = (match.groupdict().get("function") or "Your function").split(".")[-1]
    return f"{name} is called with other arguments than its first line says: put that line back as the notebook had it."


def _parameters(function, needed=False):
    """The names of a function's arguments; of those without a default alone where they are needed."""
    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):
        return []
    return [it.name for it in parameters if not needed or it.default is it.empty]


def two_types(match, place):
    """Numbers of two types that meet."""
    short = {"float": "float32", "double": "float64", "half": "float16"}
    a, b = [short.get(name, name) for name in match.groups() if name is not None]
    if "float64" in (a, b):
        return (
            f"TensorFlow computes with numbers of one type at a time, and here {a} meets {b}. NumPy's numbers are "
            "float64 unless you say otherwise: turn them, tf.cast(…, tf.float32)."
        )
    return (
        f"TensorFlow computes with numbers of one type at a time, and here {a} meets {b}. Turn one into the other's, "
        "most often with tf.cast(…, tf.float32)."
    )


def unpacked(match, place):
    """Other values than there are names."""
    written, values = place.unpacked() or (None, None)
    names = match["names"]
    try:
        number, shown = len(values), tuple(values)
    except TypeError:
        return f"On the left stand {names} names, and other than {names} values come: print what stands on the right."
    if "shape" in written:
        return (
            f"{written} has {number} sizes, {shown}, and on the left stand {names} names: give each size a name. "
            "A batch of activations has four: N, H, W, C."
        )
    return f"{written} has {number} values, and on the left stand {names} names: give each value a name."


def resized(match, place):
    """A reshape to another count of numbers."""
    has, wants = match["has"] or match["has_"], match["wants"] or match["wants_"]
    return (
        f"A reshape keeps every number: there are {has}, and the new shape would hold {wants}. Multiply its sizes; is "
        "one left out, the batch's say?"
    )


def not_shared_out(match, place):
    """A reshape to a shape with -1 that no size fits."""
    has, part = match["has"] or match["has_"], match["part"] or match["part_"]
    return (
        f"A reshape keeps every number: there are {has}, and they cannot be shared out evenly among {part}. Multiply "
        "the sizes that you name beside -1."
    )


def other_axes(match, place):
    """A transposition that names other axes than there are."""
    rank, given = match["rank"] or match["rank_"], match["given"] or match["given_"]
    return (
        f"The tensor has {rank} axes, and perm names {given}: tf.transpose needs every axis once, in the new order. "
        "Print the shape; is the batch's axis one too many?"
    )


def no_axis(match, place):
    """An axis that there is not."""
    rank = int(match["rank"])
    if not rank:
        return "A single number has no axes: leave `axis` out."
    return (
        f"There is no axis {match['axis']} here: axes are counted from 0, so the last of {rank} is {rank - 1}, "
        "which -1 means too."
    )


def out_of_range(match, place):
    """A place that there is not, in a list, tuple or shape."""
    node = place.node
    values = place.value(node.value) if hasattr(node, "slice") else None
    written = place.words()["owner"]
    try:
        number = len(values)
    except TypeError:
        return "Places are counted from 0, so the last one is the length less 1; here one beyond it is asked for."
    if not number:
        return f"{written} is empty, and has no places."
    code = place.words()["code"]
    return f"{written} has {number} entries, counted from 0, so the last place is {number - 1}: {code} is beyond it."


def no_key(match, place):
    """A name that a dictionary does not have."""
    node = place.node
    values = place.value(node.value) if hasattr(node, "slice") else None
    if not isinstance(values, dict) or not place.error.args:
        return None
    key, written = place.error.args[0], place.words()["owner"]
    near = nearest(key, values) if isinstance(key, str) else None
    if near:
        return f"{written} has no entry {key!r}; did you mean {near!r}?"
    return f"{written} has no entry {key!r}; it has {', '.join(map(repr, list(values)[:8])) or 'none'}."


def no_name(match, place):
    """A name that nobody has made."""
    name, names = match["name"], place.names()
    for module in ("tf", "np"):
        if module in names and hasattr(names[module], name):
            return f"There is no `{name}` here; did you mean `{module}.{name}`?"
    near = nearest(name, names)
    if near:
        return f"There is no `{name}` here; did you mean `{near}`?"
    if name in ("tf", "np"):
        return f"`{name}` is imported in the notebook's first code cell: run that cell, then this one."
    return (
        f"There is no `{name}` here: is it spelt as where you made it, and has that line been run? Names that another "
        "function makes within itself are not seen outside of it."
    )


def no_type(match, place):
    """A dtype that there is not."""
    near = nearest(match["name"], ("float16", "float32", "float64", "int32", "int64", "uint8", "bool", "complex64"))
    return f"There is no number type {match['name']!r}; did you mean {near or 'float32'!r}?"


def not_imported(match, place):
    """A name that a module does not have to import."""
    near = nearest(match["name"], dir(sys.modules.get(match["module"])))
    if near:
        return f"There is no `{match['name']}` in {match['module']}; did you mean `{near}`?"
    return (
        f"There is no `{match['name']}` in {match['module']}: compare the name with the notebook's, letter by letter."
    )
