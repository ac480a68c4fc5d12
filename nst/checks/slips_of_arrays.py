"""What a patient teacher says of slips with tensors and arrays: types, shapes, places, gradients, compiled functions.

Filled with the words of a Place, {code}, {owner}, {other} and {bare}, and with what the message tells.
"""

from nst.checks import exception_guesses as guess

_SIZES = r"[\[(][\d, ?]*[\])]"
_SYMBOLIC = (
    "While TensorFlow compiles this function, its tensors have no numbers yet, so neither `.numpy()`, float(…) nor "
    "NumPy's functions can work on them: stay with TensorFlow's operations, tf.reduce_sum for np.sum say."
)
_MATMUL = (
    "A matrix product needs as many columns in the first matrix as rows in the second, and here the shapes are {a} "
    "and {b}. Is one of them to be transposed (transpose_b=True), or does one not have the shape you think? Print "
    "both shapes."
)
_SHAPES = (
    "The shapes {a} and {b} do not fit together: counted from the last, each pair of sizes has to be equal, or one of "
    "them 1. Print both shapes, and look for the step after which they are others than you think."
)
_JOINED = (
    "What is joined here has the shapes {a} and {b}, and they may differ in no axis but the one it is joined along."
)

#: (kinds of exception, pattern in its message, sentence or who makes it); see exceptions.py.
SENTENCES = [
    # Compiled by tf.function
    (NotImplementedError, r"symbolic tf\.Tensor|numpy\(\) is only available when eager", _SYMBOLIC),
    (AttributeError, r"'SymbolicTensor' object has no attribute 'numpy'", _SYMBOLIC),
    (TypeError, r"(?:number|integer).*'SymbolicTensor'|'SymbolicTensor' object cannot be interpreted", _SYMBOLIC),
    (TypeError, r"len is not well defined for a symbolic Tensor", "Take the first size of its shape, in place of len."),
    (
        TypeError,
        r"Using a symbolic `tf\.Tensor` as a Python `bool`|[Ii]terating over a symbolic",
        "While TensorFlow compiles this function, its tensors have no numbers yet, so Python's `if`, `while` and `for` "
        "cannot look into them: compute with tf.where or tf.maximum, or leave out @tf.function.",
    ),
    (
        ValueError,
        r"is None at the end of the \w+ branch|must also (?:have a return|be initialized)",
        "In a compiled function each branch of an `if` has to return something: put a `return` into the other one, "
        "too.",
    ),
    (
        ValueError,
        r"only supports singleton tf\.Variables",
        "A function that TensorFlow compiles may not make a tf.Variable, nor an optimizer, each time it runs: make it "
        "once, outside, and hand it over as an argument.",
    ),
    # Number types
    (
        Exception,
        r"[eE]xpected to be an? (?P<a>\w+) tensor but is an? (?P<b>\w+) tensor"
        r"|has type (?P<a2>\w+) that does not match type (?P<b2>\w+) of argument"
        r"|must have the same dtype, got tf\.(?P<a3>\w+) != tf\.(?P<b3>\w+)"
        r"|conversion requested dtype (?P<a4>\w+) for Tensor with dtype (?P<b4>\w+)",
        guess.two_types,
    ),
    (
        TypeError,
        r"Cannot convert (?P<number>[-\d.e]+) to EagerTensor of dtype (?P<kind>u?int\d+)",
        "A tensor of whole numbers ({kind}) cannot take up {number}: make it one of numbers with a point first, "
        "tf.cast(…, tf.float32).",
    ),
    (
        TypeError,
        r"Cannot convert '.*' to EagerTensor",
        "A text stands here where a number should: leave its quotation marks out, or make it a number with float(…).",
    ),
    (
        Exception,
        r"'T' of u?int\d+ is not in the list of allowed values|'x' has DataType u?int\d+ not in list",
        "{code} works on numbers with a point, and gets whole ones: turn them first, tf.cast(…, tf.float32).",
    ),
    (TypeError, r"`type_value`: '(?P<name>\w+)' to a TensorFlow DType|data type '(?P<other>\w+)' not", guess.no_type),
    # One number, or many
    (
        TypeError,
        r"only (?:0-dimensional|length-1|size-1) arrays can be converted",
        "{code} takes one number, and gets several: sum them up first, with tf.reduce_sum say, or take one of them.",
    ),
    (
        (TypeError, ValueError),
        r"Cannot iterate over a scalar tensor|[Ss]calar tensor has no `len|iteration over a 0-d|of unsized object",
        "A single number stands here where several should: was it summed up a step too early?",
    ),
    (
        TypeError,
        r"'(?:int|float|numpy\.\w+)' (?:object )?is not iterable|object of type '(?:int|float)' has no len"
        r"|cannot unpack non-iterable (?:int|float)",
        "A single number stands here where several should: is range(…) missing, or was it summed up a step too early?",
    ),
    (
        ValueError,
        r"truth value of an array with more than one element is ambiguous",
        "There are many values of true and false here, and Python needs a single one: use tf.reduce_all(…) where all "
        "should hold, or compare single numbers.",
    ),
    (
        ValueError,
        r"non-rectangular Python sequence|inhomogeneous shape",
        "The rows of this list have different lengths, so they make no array: print the length of each.",
    ),
    (TypeError, r"Tensor is unhashable", "A tensor cannot be the name of an entry: take a number or a text for it."),
    # Shapes
    (ValueError, r"too many values to unpack \(expected (?P<names>\d+)", guess.unpacked),
    (ValueError, r"not enough values to unpack \(expected (?P<names>\d+)", guess.unpacked),
    (Exception, rf"Matrix size-incompatible: In\[0\]: (?P<a>{_SIZES}), In\[1\]: (?P<b>{_SIZES})", _MATMUL),
    (ValueError, rf"= (?:Batch)?MatMul.* with input shapes: (?P<a>{_SIZES}), (?P<b>{_SIZES})", _MATMUL),
    (ValueError, rf"shapes (?P<a>{_SIZES}) and (?P<b>{_SIZES}) not aligned", _MATMUL),
    (
        ValueError,
        r"matmul: Input operand 1 has a mismatch .*size (?P<b>\d+) is different from (?P<a>\d+)",
        "A matrix product needs as many columns in the first matrix as rows in the second, and here they are {a} and "
        "{b}. Is one of them to be transposed, or does one not have the shape you think? Print both shapes.",
    ),
    (
        Exception,
        rf"must have compatible batch dimensions: (?P<a>{_SIZES}) vs\. (?P<b>{_SIZES})",
        "tf.matmul multiplies the matrices in the last two axes, one pair for each place in those before, which have "
        "to agree; here the shapes are {a} and {b}. Print both, and look at what you reshaped.",
    ),
    (
        Exception,
        r"ndims must be >= 2|matmul: Input operand \d does not have enough dimensions",
        "A matrix product takes matrices, and one of these has a single axis: reshape it to a row or a column, or take "
        "tf.tensordot(a, b, 1) for two vectors.",
    ),
    (ValueError, rf"could not be broadcast together with shapes (?P<a>{_SIZES}) (?P<b>{_SIZES})", _SHAPES),
    (Exception, rf"Incompatible shapes: (?P<a>{_SIZES}) vs\. (?P<b>{_SIZES})", _SHAPES),
    (ValueError, rf"Shapes (?P<a>{_SIZES}) and (?P<b>{_SIZES}) are incompatible", _SHAPES),
    (
        ValueError,
        rf"Dimensions must be equal.*= (?!Einsum).* with input shapes: (?P<a>{_SIZES}), (?P<b>{_SIZES})",
        _SHAPES,
    ),
    (
        Exception,
        r"tensor with (?P<has>\d+) values, but the requested shape has (?P<wants>\d+)"
        r"|tensor with (?P<has_>\d+) elements to shape \S+ \((?P<wants_>\d+) elements",
        guess.resized,
    ),
    (
        ValueError,
        rf"cannot reshape array of size (?P<has>\d+) into shape (?P<shape>{_SIZES})",
        "A reshape keeps every number: there are {has}, and the shape {shape} holds another count of them. Multiply "
        "its sizes; is one left out, the batch's say?",
    ),
    (
        Exception,
        r"with (?P<has>\d+) values, but the requested shape requires a multiple of (?P<part>\d+)"
        r"|evenly divisible by (?P<part_>\d+) but is (?P<has_>\d+)",
        guess.not_shared_out,
    ),
    (
        Exception,
        r"transpose expects a vector of size (?P<rank>\d+)\. But input\(1\) is a vector of size (?P<given>\d+)"
        r"|Dimension must be (?P<rank_>\d+) but is (?P<given_>\d+) for '\{\{node transpose",
        guess.other_axes,
    ),
    (
        ValueError,
        r"axes don't match array",
        "transpose needs every axis once, in the new order: four numbers for an array with four axes, say.",
    ),
    (
        Exception,
        r"perm must be rank 1",
        "tf.transpose takes the axes in their new order as one list: tf.transpose(x, perm=[0, 2, 1]).",
    ),
    (Exception, r"axis (?P<axis>-?\d+) is out of bounds for array of dimension (?P<rank>\d+)", guess.no_axis),
    (Exception, r"Invalid reduction dimension \(?(?P<axis>-?\d+) for input with (?P<rank>\d+) dim", guess.no_axis),
    (Exception, r"expand dim index (?P<axis>-?\d+) for tensor with (?P<rank>\d+) dim", guess.no_axis),
    (Exception, r"in the range \[-(?P<rank>\d+), \d+\), but got (?P<axis>-?\d+)", guess.no_axis),
    (
        Exception,
        r"Can ?not squeeze dim\[(?P<axis>\d+)\], expected a dimension of 1, got (?P<size>\d+)",
        "Only an axis of size 1 can be squeezed away, and axis {axis} has size {size}: name the axis you mean, axis=0 "
        "for a batch of one.",
    ),
    (
        ValueError,
        r"cannot select an axis to squeeze out",
        "Only an axis of size 1 can be squeezed away: name the axis you mean, axis=0 for a batch of one.",
    ),
    (Exception, rf"shape\[0\] = (?P<a>{_SIZES}) vs\. shape\[\d+\] = (?P<b>{_SIZES})", _JOINED),
    (ValueError, rf"= ConcatV2.* with input shapes: (?P<a>{_SIZES}), (?P<b>{_SIZES})", _JOINED),
    (
        ValueError,
        r"all the input array(?:s must have| dimensions)|all input arrays must have the same shape",
        "What is joined here has different shapes, and they may differ in no axis but the one it is joined along. "
        "Print the shape of each.",
    ),
    (
        Exception,
        rf"Shapes of all inputs must match: \S+ = (?P<a>{_SIZES}) != \S+ = (?P<b>{_SIZES})",
        "What is made into one tensor here has different shapes, {a} and {b}. Print the shape of each.",
    ),
    (
        ValueError,
        r"Cannot assign value to variable.*variable shape (?P<a>\(.*?\)), and the assigned value shape (?P<b>\(.*?\))",
        "A variable keeps its shape, {a}, and cannot take a value of shape {b}. Print both.",
    ),
    (
        Exception,
        r"subscripts contain the label (?P<name>\w) not present",
        "The letter {name} stands after einsum's arrow, and not before it: each letter of the result has to come "
        "from an input.",
    ),
    (
        Exception,
        rf"Expected dimension (?P<wants>\d+) at axis (?P<axis>\d+) of the input shaped (?P<a>{_SIZES})",
        "In einsum a letter stands for one size, wherever it is; for the input of shape {a} one letter would have to "
        "be {wants}. Compare the letters with the sizes.",
    ),
    (
        Exception,
        r"Expected input (?P<number>\d+) to have rank (?P<rank>\d+) but got: (?P<given>\d+)",
        "einsum has {rank} letters for an input with {given} axes: each axis needs a letter of its own.",
    ),
    (
        Exception,
        r"'ord' must be a supported vector norm|Improper number of dimensions to norm",
        "Frobenius' norm, ord='fro', is one of matrices: say axis=[-2, -1], or sum up the squares yourself with "
        "tf.reduce_sum(tf.square(…)).",
    ),
    # Places
    (
        Exception,
        r"index (?P<place>-?\d+) is out of bounds for axis (?P<axis>\d+) with size (?P<size>\d+)",
        "Axis {axis} has {size} places, counted from 0, so there is no place {place}.",
    ),
    (
        Exception,
        r"slice index (?P<place>-?\d+) of dimension (?P<axis>\d+) out of bounds",
        "Axis {axis} has no place {place}: places are counted from 0, so the last one is its size less 1.",
    ),
    (
        Exception,
        r"array is (?P<rank>\d+)-dimensional, but (?P<given>\d+) were indexed",
        "{given} places stand in the brackets, and the array has {rank} axes: print its shape.",
    ),
    (
        Exception,
        r"Index out of range using input dim \d+; input has only (?P<rank>\d+) dims",
        "More places stand in the brackets than the tensor has axes, which are {rank}: print its shape.",
    ),
    (IndexError, r"index out of range", guess.out_of_range),
    (KeyError, r"", guess.no_key),
    # Gradients, optimizers, networks
    (
        ValueError,
        r"No gradients provided for any variable",
        "The gradient is None: nothing leads from the picture to the cost. Compute the cost inside of `with "
        "tf.GradientTape() as tape:`, from the tf.Variable itself, with TensorFlow's operations all the way.",
    ),
    (
        (ValueError, KeyError),
        r"optimizer can only be called for the variables it was originally built with|Unknown variable",
        "An optimizer stays with the variables that it has met first: make a new optimizer for a new picture.",
    ),
    (
        RuntimeError,
        r"non-persistent GradientTape can only be used",
        "A tape gives gradients once: ask for all of them in one call, tape.gradient(cost, [a, b]), or make it with "
        "persistent=True.",
    ),
    (
        ValueError,
        r"(?:Input 0 of layer .* the layer: expected shape=|Expected shape )(?P<a>\(.*?\)), .*shape[= ](?P<b>\(.*?\))",
        "A network takes a batch of pictures: it expects the shape {a}, and finds {b}. One picture becomes a batch of "
        "one by `picture[None]` or tf.expand_dims(picture, 0).",
    ),
]
