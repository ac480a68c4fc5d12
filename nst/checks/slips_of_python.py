"""What a patient teacher says of slips in Python: names, brackets, operators, arguments, indentation.

Filled with the words of a Place, {code}, {owner}, {other} and {bare}, and with what the message tells.
"""

from nst.checks import exception_guesses as guess
from nst.quiet import tf

_TENSOR = r"'?(?:[\w.]*\.)?(?:EagerTensor|SymbolicTensor|ResourceVariable|KerasTensor)'?(?: object)?"
_WHOLE = (
    "A size, a place or a count has to be a whole number, and one here is not: `/` always gives a number with a point, "
    "`//` a whole one, and int(…) makes one."
)
_NONE = (
    "One of the values here is None. It comes from a function that returns nothing, most often because its `return` is "
    "missing."
)

#: (kinds of exception, pattern in its message, sentence or who makes it); see exceptions.py.
SENTENCES = [
    # Names after a dot
    (AttributeError, r"'numpy\.float\d+' object has no attribute '__index__'", _WHOLE),
    (AttributeError, r"^module '(?P<module>[\w.]+)' has no attribute '(?P<name>\w+)'", guess.module_lacks),
    (
        AttributeError,
        r"'(?:function|method)' object has no attribute '(?P<name>as_list|ndims|rank)'",
        "{owner} is a function, and what it gives has `.{name}`: call it first, with round brackets, "
        "`{bare}().{name}()`.",
    ),
    (
        AttributeError,
        r"'(?:function|method|builtin_function_or_method|type)' object has no attribute '(?P<name>\w+)'",
        "{owner} is a function, and has no `.{name}` itself: call it first, with its arguments in round brackets.",
    ),
    (
        AttributeError,
        r"'(?:tuple|list)' object has no attribute '(?:as_list|ndims|rank)'",
        "{owner} is a plain Python tuple or list already, as the shape of a NumPy array is: leave out the "
        "last dot and what follows it. (list(x.shape) works for tensors and arrays alike.)",
    ),
    (
        AttributeError,
        r"'numpy\.ndarray' object has no attribute '(?:get_shape|shape_as_list)'",
        "{owner} is a NumPy array, and has no `.get_shape()`: `{bare}.shape` works for tensors and arrays alike.",
    ),
    (
        AttributeError,
        r"'(?:numpy\.\w+|float|int)' object has no attribute 'numpy'",
        "{owner} is an array or a plain number already: leave out `.numpy()`.",
    ),
    (
        AttributeError,
        r"has no attribute '_unique_id'",
        "apply_gradients takes a list of pairs, in each a gradient and then its variable: "
        "`optimizer.apply_gradients([(gradient, picture)])`.",
    ),
    (
        AttributeError,
        _TENSOR + r" has no attribute 'assign",
        "{owner} is a tensor, whose numbers stay as they are; only a tf.Variable has `.assign`. Make it one: "
        "tf.Variable({bare}).",
    ),
    (AttributeError, r"^" + _TENSOR + r" has no attribute '(?P<name>\w+)'", guess.tensor_lacks),
    (AttributeError, r"'NoneType' object has no attribute '(?P<name>\w+)'", guess.NOTHING),
    (
        AttributeError,
        r"'list' object has no attribute '(?P<name>shape|ndim|dtype|numpy|T|reshape|sum|mean|get_shape)'",
        "{owner} is a Python list, and `.{name}` belongs to tensors and arrays: make it one first, "
        "tf.constant({bare}), or take the entry you mean, `{bare}[0]`.",
    ),
    (
        AttributeError,
        r"'tuple' object has no attribute '(?P<name>shape|ndim|dtype|numpy|T|reshape|sum|mean|get_shape)'",
        "{owner} is a tuple, several values in one: take the one you mean, `{bare}[0]` for the first.",
    ),
    (
        AttributeError,
        r"'(?:float|int|str|bool)' object has no attribute '(?P<name>\w+)'",
        "{owner} is a plain number or text, and has no `.{name}`: is it what you think it is? Print it.",
    ),
    (
        AttributeError,
        r"'dict' object has no attribute '(?P<name>\w+)'",
        '{owner} is a dictionary: take its entries with square brackets, `{bare}["{name}"]`.',
    ),
    (
        AttributeError,
        r"has no attribute '(?:minimize|compute_gradients)'",
        "Keras' optimizers only take steps: ask a tf.GradientTape for the gradient, and give it to "
        "`{bare}.apply_gradients([(gradient, picture)])`.",
    ),
    (AttributeError, r"object has no attribute '(?P<name>\w+)'", guess.lacks),
    (
        AttributeError,
        r"property '(?P<name>\w+)' of .* has no setter",
        "`.{name}` can be read, and not written: tf.reshape(…) gives a tensor of another shape.",
    ),
    # Brackets
    (TypeError, r"'NoneType' object is not (?:callable|subscriptable)", guess.NOTHING),
    (TypeError, r"'NoneType' object is not iterable|'NoneType' has no len|non-iterable NoneType", _NONE),
    (
        TypeError,
        r"'dict' object is not callable",
        '{owner} is a dictionary: take its entries with square brackets, `{bare}["name"]`.',
    ),
    (
        TypeError,
        r"'module' object is not callable",
        "{owner} is a module, a box of functions: call one of those in it, with a dot and its name.",
    ),
    (
        TypeError,
        r"'(?:int|float|bool|str|numpy\.\w*(?:int|float)\w*)' object is not callable",
        "{owner} is a number or a text, so round brackets after it call nothing: is a `*` missing, or have you given "
        "it the name of a function?",
    ),
    (
        TypeError,
        r"' object is not callable",
        "{owner} is no function, so round brackets after it call nothing: take an entry with square ones, "
        "`{bare}[0]`; or is a `*` or a comma missing?",
    ),
    (
        TypeError,
        r"'(?:function|method|builtin_function_or_method|type)' object is not subscriptable",
        "{owner} is a function: call it with round brackets; square ones take an entry of an array.",
    ),
    (
        TypeError,
        r"'(?:int|float|bool|numpy\.\w+)' object is not subscriptable",
        "{owner} is a single number, which has no entries to take with square brackets.",
    ),
    (
        TypeError,
        _TENSOR + r" does not support item assignment",
        "A tensor cannot be changed in place. Compute a new one from its parts, with tf.where, tf.concat or tf.stack "
        "say; a tf.Variable takes new values by `.assign(…)`.",
    ),
    (
        TypeError,
        r"'tuple' object does not support item assignment",
        "{owner} is a tuple, and a tuple cannot be changed: make a list of it, list(…), or a new tuple.",
    ),
    (
        TypeError,
        r"list indices must be integers or slices, not tuple",
        "{owner} is a list of lists, which is taken apart one bracket at a time, `{bare}[0][1]`; several places in one "
        "bracket belong to arrays and tensors.",
    ),
    (
        TypeError,
        r"(?:list|tuple) indices must be integers or slices, not str",
        "{owner} is a list or a tuple, whose places have numbers; only a dictionary's have names.",
    ),
    (TypeError, r"indices must be integers or slices|scalar tf\.int32/tf\.int64 tensors are valid indices", _WHOLE),
    (TypeError, r"'(?:float|numpy\.float\d+)' object cannot be interpreted as an integer", _WHOLE),
    (Exception, r"'T?shape' (?:has DataType|of) (?:float|double)\d* (?:is )?not in (?:the )?list", _WHOLE),
    (
        TypeError,
        r"'(?:list|tuple)' object cannot be interpreted as an integer",
        "Here one whole number is wanted, and a list or a tuple came: take its length, len(…), or one of its entries.",
    ),
    # Operators and arguments
    (
        TypeError,
        r"unsupported operand type\(s\) for .*: '(?P<left>[\w.]+)' and '(?P<right>[\w.]+)'",
        guess.operands,
    ),
    (
        TypeError,
        r"can't multiply sequence by non-int of type",
        "Here a list, a tuple or a shape is multiplied by a number, which would repeat it: take the entry you mean, "
        "as in `shape[1]`, or make a list a tensor first, tf.constant(…).",
    ),
    (
        TypeError,
        r"can only concatenate str \(not",
        "A `+` after a text joins another text to it, and computes nothing: make the text a number first, float(…), "
        "or the number a text, str(…).",
    ),
    (
        TypeError,
        r"can only concatenate (?:list|tuple) \(not",
        "A `+` after a list or a tuple joins another one to it, and computes nothing: make both sides tensors first, "
        "tf.constant(…).",
    ),
    (TypeError, r"not supported between instances of (?:'NoneType'|'\w+' and 'NoneType')", _NONE),
    (
        TypeError,
        r"not supported between instances of",
        "{owner} and {other} cannot be compared: one of them is no single number. Print both.",
    ),
    ((TypeError, ValueError), r"Argument\(s\) not recognized: \{'(?P<name>\w+)'", guess.keyword),
    (TypeError, r"(?:(?P<function>[\w.<>]+)\(\) g|G)ot an unexpected keyword argument '(?P<name>\w+)'", guess.keyword),
    (TypeError, r"(?:(?P<function>[\w.<>]+)\(\) )?[mM]issing .*required .*argument", guess.missing),
    (TypeError, r"(?P<function>[\w.<>]+)\(\) takes .* positional arguments? but", guess.too_many),
    (
        TypeError,
        r"got multiple values for argument '(?P<name>\w+)'",
        "`{name}` is given twice, once by its place and once by its name: leave one of them out.",
    ),
    (
        TypeError,
        r"(?:float|int)\(\) argument must be a string.*'NoneType'|unsupported.*NoneType|None values not supported",
        _NONE,
    ),
    (
        (TypeError, ValueError),
        r"Attempt to convert a value \(None\)|'NoneType' object cannot be",
        "One of the values is None here. It comes from a function that returns nothing, most often because its "
        "`return` is missing; or it is a gradient that does not arrive.",
    ),
    (
        (TypeError, ValueError),
        r"Attempt to convert a value .* with an unsupported type \(<class '(?:function|method|builtin\w+|type)'>\)",
        "A function stands here where a tensor should: call it, with round brackets after it.",
    ),
    (
        (TypeError, ValueError),
        r"Attempt to convert a value .* with an unsupported type \(<class 'dict'>\)",
        "A dictionary stands here where a tensor should: take one of its entries, with square brackets and its name.",
    ),
    # Python itself
    (
        UnboundLocalError,
        r"variable '?(?P<name>\w+)'?",
        "`{name}` is used before it has a value in this function: it gets one only further down, or in a branch that "
        "was not taken. Give it one before.",
    ),
    (NameError, r"name '(?P<name>\w+)' is not defined", guess.no_name),
    (
        RecursionError,
        r"",
        "A function calls itself again and again, without an end: should another one be called in {code}?",
    ),
    (
        (ZeroDivisionError, tf.errors.InvalidArgumentError),
        r"(?:division|modulo) by zero",
        "Something is divided by 0 in {code}: print the divisor. Is `//` taken where `/` is meant, or a size counted "
        "wrong?",
    ),
    (ImportError, r"cannot import name '(?P<name>\w+)' from '(?P<module>[\w.]+)'", guess.not_imported),
    (
        ModuleNotFoundError,
        r"No module named '(?P<name>[\w.]+)'",
        "There is no module {name} on this machine: is it spelt as in the notebook's first cell? The course needs "
        "none that you have to install.",
    ),
    (
        (MemoryError, tf.errors.ResourceExhaustedError),
        r"",
        "This needs more memory than there is: a smaller picture takes less, and so does a tensor without an axis too "
        "many. Print the shapes.",
    ),
    (
        AssertionError,
        r"^$",
        "The line with `assert` says what has to hold there, and it does not hold: print the values that it compares.",
    ),
    # What Python cannot read
    (TabError, r"", "Tabs and spaces are mixed at the beginnings of these lines: take four spaces each time."),
    (
        IndentationError,
        r"expected an indented block",
        "What belongs to the line with the colon has to stand below it, moved in by four spaces.",
    ),
    (
        IndentationError,
        r"unexpected indent|unindent does not match",
        "This line begins further left or right than the lines it belongs to: bring them all to the same column.",
    ),
    (
        SyntaxError,
        r"incomplete input|unexpected EOF",
        "The cell ends before something in it does: look for a bracket that is not closed, or a line with a colon and "
        "nothing below it.",
    ),
    (SyntaxError, r"expected ':'", "A colon is missing at the end of this line."),
    (
        SyntaxError,
        r"'(?P<bracket>[(\[{])' was never closed",
        "The bracket {bracket} is opened in this line and closed nowhere: count them.",
    ),
    (
        SyntaxError,
        r"unmatched '(?P<bracket>[)\]}])'",
        "The bracket {bracket} is closed here and opened nowhere: count them.",
    ),
    (SyntaxError, r"Maybe you meant '=='", "A single `=` gives a value; two, `==`, compare."),
    (SyntaxError, r"unterminated .*string", "A text begins here whose closing quotation mark is missing."),
    (SyntaxError, r"'return' outside function", "This `return` belongs to no function: move it in by four spaces."),
]
