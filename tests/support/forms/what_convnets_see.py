"""What students hand in for what-convnets-see: forms that are right and must be accepted, and forms that are not.

ACCEPTED: function name -> list of (label, function). REJECTED: the same, with a piece of the message that must come.
Written from scratch. The one under the exercise's own name is the plainest.
"""

import math

import numpy as np

from nst.lessons.convnets import total_variation
from nst.quiet import tf

# output_shape


def output_shape(input_shape, filter_shape, filters, stride=1, padding=0):
    axes = zip(input_shape[:-1], filter_shape[:-1], strict=True)
    return (*((n + 2 * padding - f) // stride + 1 for n, f in axes), filters)


def shape_with_floor(input_shape, filter_shape, filters, stride=1, padding=0):
    shape = []
    for i in range(len(input_shape) - 1):
        shape.append(math.floor((input_shape[i] + 2 * padding - filter_shape[i]) / stride) + 1)
    shape.append(filters)
    return tuple(shape)


def shape_as_list(input_shape, filter_shape, filters, stride=1, padding=0):
    return list(output_shape(input_shape, filter_shape, filters, stride, padding))


def shape_in_numpy(input_shape, filter_shape, filters, stride=1, padding=0):
    n, f = np.array(input_shape[:-1]), np.array(filter_shape[:-1])
    return (*((n + 2 * padding - f) // stride + 1), filters)


def shape_as_array(input_shape, filter_shape, filters, stride=1, padding=0):
    return np.array(output_shape(input_shape, filter_shape, filters, stride, padding))


def shape_as_tensor_shape(input_shape, filter_shape, filters, stride=1, padding=0):
    return tf.TensorShape(output_shape(input_shape, filter_shape, filters, stride, padding))


def shape_counted(input_shape, filter_shape, filters, stride=1, padding=0):
    sizes = [
        len(range(-padding, n + padding - f + 1, stride))
        for n, f in zip(input_shape[:-1], filter_shape[:-1], strict=True)
    ]
    return (*sizes, filters)


def shape_by_case(input_shape, filter_shape, filters, stride=1, padding=0):
    def one(n, f):
        return int((n - f + 2 * padding) / stride + 1)

    if len(input_shape) == 2:
        return one(input_shape[0], filter_shape[0]), filters
    if len(input_shape) == 3:
        return one(input_shape[0], filter_shape[0]), one(input_shape[1], filter_shape[1]), filters
    return (*(one(input_shape[axis], filter_shape[axis]) for axis in range(3)), filters)


def shape_of_a_real_convolution(input_shape, filter_shape, filters, stride=1, padding=0):
    axes = len(input_shape) - 1
    picture = tf.pad(tf.zeros((1, *input_shape)), [[0, 0], *[[padding, padding]] * axes, [0, 0]])
    kernel = tf.zeros((*filter_shape, filters))
    return tuple(tf.nn.convolution(picture, kernel, stride, "VALID").shape[1:])


# convolve_1d


def convolve_1d(signal, kernels, stride=1, padding=0):
    padded = np.pad(signal, ((padding, padding), (0, 0)))
    f, _, filters = kernels.shape
    positions = (len(padded) - f) // stride + 1
    result = np.zeros((positions, filters))
    for i in range(positions):
        result[i] = np.tensordot(padded[stride * i : stride * i + f], kernels, axes=2)
    return result


def convolve_with_loops(signal, kernels, stride=1, padding=0):
    n, channels = signal.shape
    f, _, filters = kernels.shape
    result = np.zeros(((n + 2 * padding - f) // stride + 1, filters), np.float32)
    for i in range(result.shape[0]):
        for k in range(filters):
            for j in range(f):
                for c in range(channels):
                    at = stride * i + j - padding
                    if 0 <= at < n:
                        result[i, k] += signal[at, c] * kernels[j, c, k]
    return result


def convolve_with_einsum(signal, kernels, stride=1, padding=0):
    padded = np.pad(signal, ((padding, padding), (0, 0)))
    windows = np.lib.stride_tricks.sliding_window_view(padded, len(kernels), axis=0)[::stride]
    return np.einsum("icj,jck->ik", windows, kernels)


def convolve_with_matmul(signal, kernels, stride=1, padding=0):
    f, channels, filters = kernels.shape
    zeros = np.zeros((padding, channels), signal.dtype)
    padded = np.concatenate([zeros, signal, zeros])
    windows = [padded[at : at + f].reshape(-1) for at in range(0, len(padded) - f + 1, stride)]
    return np.array(windows) @ kernels.reshape(-1, filters)


def convolve_with_sum(signal, kernels, stride=1, padding=0):
    padded = np.pad(signal, [(padding, padding), (0, 0)], mode="constant", constant_values=0)
    result = []
    for at in range(0, len(padded) - len(kernels) + 1, stride):
        window = padded[at : at + len(kernels), :, None]
        result.append((window * kernels).sum(axis=(0, 1)))
    return np.stack(result)


def convolve_with_numpy_convolve(signal, kernels, stride=1, padding=0):
    padded = np.pad(signal, ((padding, padding), (0, 0)))
    _, channels, filters = kernels.shape
    columns = [
        sum(np.convolve(padded[:, c], kernels[::-1, c, k], mode="valid") for c in range(channels))
        for k in range(filters)
    ]
    return np.stack(columns, axis=1)[::stride]


def convolve_with_correlate(signal, kernels, stride=1, padding=0):
    padded = np.pad(signal, ((padding, padding), (0, 0)))
    channels = range(signal.shape[1])
    return np.transpose(
        [
            sum(np.correlate(padded[:, c], kernels[:, c, k], mode="valid")[::stride] for c in channels)
            for k in range(kernels.shape[2])
        ]
    )


def convolve_by_shifts(signal, kernels, stride=1, padding=0):
    padded = np.pad(signal, ((padding, padding), (0, 0)))
    last = len(padded) - len(kernels) + 1
    return sum(padded[j : j + last : stride] @ kernels[j] for j in range(len(kernels)))


def convolve_with_tensorflow(signal, kernels, stride=1, padding=0):
    padded = tf.pad(signal, [[padding, padding], [0, 0]])
    return tf.nn.conv1d(padded[None], kernels, stride, "VALID")[0]


# receptive_field


def receptive_field(layers):
    size, jump = 1, 1
    for kernel, stride in layers:
        size += (kernel - 1) * jump
        jump *= stride
    return size, jump


def field_as_a_sum(layers):
    size = 1
    for i, (kernel, _) in enumerate(layers):
        size += (kernel - 1) * math.prod(stride for _, stride in layers[:i])
    return size, math.prod(stride for _, stride in layers)


def field_backwards(layers):
    size, jump = 1, 1
    for kernel, stride in reversed(layers):
        size = (size - 1) * stride + kernel
        jump = jump * stride
    return size, jump


def field_recursive(layers):
    if not layers:
        return 1, 1
    size, jump = field_recursive(layers[:-1])
    kernel, stride = layers[-1]
    return size + (kernel - 1) * jump, jump * stride


def field_in_numpy(layers):
    kernels = np.array([kernel for kernel, _ in layers], int)
    jumps = np.cumprod([1] + [stride for _, stride in layers])
    return 1 + np.sum((kernels - 1) * jumps[:-1]), jumps[-1]


def field_as_list(layers):
    return list(receptive_field(layers))


def field_with_sides(layers):
    first, last, jump = 0, 0, 1
    for layer in layers:
        last = last + layer[0] * jump - jump
        jump = jump * layer[1]
    return last - first + 1, jump


# strongest


def strongest(activation, count):
    order = np.argsort(-activation.max(axis=(1, 2)), kind="stable")
    return [
        (int(picture), *map(int, np.unravel_index(activation[picture].argmax(), activation.shape[1:])))
        for picture in order[:count]
    ]


def strongest_sorted(activation, count):
    best = []
    for picture, one in enumerate(activation):
        row, column = divmod(int(np.argmax(one)), one.shape[1])
        best.append((one[row, column], picture, row, column))
    best.sort(key=lambda entry: entry[0], reverse=True)
    return [entry[1:] for entry in best[:count]]


def strongest_with_where(activation, count):
    places = []
    for picture, one in enumerate(activation):
        rows, columns = np.where(one == one.max())
        places.append((-one.max(), picture, rows[0], columns[0]))
    return [place[1:] for place in sorted(places)][:count]


def strongest_one_after_another(activation, count):
    left, places = list(range(len(activation))), []
    while left and len(places) < count:
        best = left[0]
        for picture in left:
            if activation[picture].max() > activation[best].max():
                best = picture
        left.remove(best)
        places.append((best, *np.unravel_index(np.argmax(activation[best]), activation[best].shape)))
    return places


def strongest_in_tensorflow(activation, count):
    flat = tf.reshape(activation, [len(activation), -1])
    _, order = tf.math.top_k(tf.reduce_max(flat, 1), min(count, len(activation)))
    width = activation.shape[2]
    return [(int(n), int(tf.argmax(flat[n])) // width, int(tf.argmax(flat[n])) % width) for n in order]


def strongest_with_masked_rest(activation, count):
    rest, places = np.array(activation), []
    for _ in range(min(count, len(activation))):
        place = np.unravel_index(np.argmax(rest), rest.shape)
        places.append(place)
        rest[place[0]] = -np.inf
    return places


def strongest_as_lists(activation, count):
    return [list(place) for place in strongest(activation, count)]


def strongest_as_array(activation, count):
    return np.array(strongest(activation, count))


# unit_cost


def unit_cost(model, layer, channel, tv_weight):
    def cost(picture):
        activation = model.activations(picture, [layer])[layer]
        unit = -tf.reduce_mean(activation[..., channel])
        tv = tv_weight * total_variation(picture)
        return {"total": unit + tv, "unit": unit, "tv": tv}

    return cost


def unit_of_a_name(model, layer, channel, tv_weight):
    def cost(picture):
        unit = -tf.math.reduce_mean(model.activations(picture, layer)[layer][:, :, :, channel])
        tv = tf.multiply(total_variation(picture), tv_weight)
        return {"unit": unit, "tv": tv, "total": tf.add(unit, tv)}

    return cost


def unit_as_lambda(model, layer, channel, tv_weight):
    def costs(unit, tv):
        return {"total": tv - unit, "unit": -unit, "tv": tv}

    return lambda x: costs(
        tf.reduce_mean(model.activations(x, [layer])[layer], axis=[0, 1, 2])[channel], tv_weight * total_variation(x)
    )


def unit_gathered(model, layer, channel, tv_weight):
    def cost(picture):
        a = tf.gather(model.activations(picture, [layer])[layer], channel, axis=-1)
        unit = -tf.reduce_sum(a) / tf.size(a, out_type=tf.float32)
        tv = tv_weight * total_variation(picture)
        return {"unit": unit, "tv": tv} | {"total": unit + tv}

    return cost


def unit_with_its_own_variation(model, layer, channel, tv_weight):
    def cost(picture):
        across, down = picture[:, :, 1:] - picture[:, :, :-1], picture[:, 1:] - picture[:, :-1]
        tv = tv_weight * (tf.reduce_mean(across**2) + tf.reduce_mean(down**2))
        unit = tf.reduce_mean(-model.activations(picture, [layer])[layer][0, ..., channel])
        return {"total": unit + tv, "unit": unit, "tv": tv, "mean": -unit}

    return cost


def unit_with_the_weight_first(model, layer, channel, tv_weight):
    def cost(picture):
        activation = model.activations(picture, [layer])[layer]
        _, height, width, _ = activation.get_shape().as_list()
        unit = tf.negative(tf.reduce_sum(activation[:, :, :, channel]) / (height * width))
        tv = tf.multiply(tv_weight, total_variation(picture))
        return {"total": tf.add(unit, tv), "unit": unit, "tv": tv}

    return cost


def unit_as_an_object(model, layer, channel, tv_weight):
    class Cost:
        def __call__(self, picture):
            return unit_cost(model, layer, channel, tv_weight)(picture)

    return Cost()


def unit_compiled(model, layer, channel, tv_weight):
    return tf.function(unit_cost(model, layer, channel, tv_weight))


ACCEPTED = {
    "output_shape": [
        ("zip and //", output_shape),
        ("math.floor", shape_with_floor),
        ("a list", shape_as_list),
        ("NumPy", shape_in_numpy),
        ("an array", shape_as_array),
        ("tf.TensorShape", shape_as_tensor_shape),
        ("counted with range", shape_counted),
        ("one, two, three axes", shape_by_case),
        ("tf.nn.convolution", shape_of_a_real_convolution),
    ],
    "convolve_1d": [
        ("tensordot", convolve_1d),
        ("four loops", convolve_with_loops),
        ("sliding windows and einsum", convolve_with_einsum),
        ("matmul of unrolled windows", convolve_with_matmul),
        ("sum of products", convolve_with_sum),
        ("np.convolve, flipped back", convolve_with_numpy_convolve),
        ("np.correlate", convolve_with_correlate),
        ("shifted signals", convolve_by_shifts),
        ("TensorFlow", convolve_with_tensorflow),
    ],
    "receptive_field": [
        ("plain", receptive_field),
        ("a sum", field_as_a_sum),
        ("from the last layer, with the rule for it", field_backwards),
        ("recursive", field_recursive),
        ("NumPy", field_in_numpy),
        ("a list", field_as_list),
        ("first and last pixel", field_with_sides),
    ],
    "strongest": [
        ("argsort", strongest),
        ("sort by a key", strongest_sorted),
        ("where", strongest_with_where),
        ("one after another", strongest_one_after_another),
        ("TensorFlow", strongest_in_tensorflow),
        ("pictures masked", strongest_with_masked_rest),
        ("lists", strongest_as_lists),
        ("an array", strongest_as_array),
    ],
    "unit_cost": [
        ("plain", unit_cost),
        ("a name for a list", unit_of_a_name),
        ("lambda", unit_as_lambda),
        ("gather, sum over size", unit_gathered),
        ("its own total variation, one cost more", unit_with_its_own_variation),
        ("the weight first, sizes by as_list", unit_with_the_weight_first),
        ("an object", unit_as_an_object),
        ("tf.function", unit_compiled),
    ],
}


# Wrong in ways that no misunderstanding of the list has


def shape_as_text(*inputs, **options):
    return " × ".join(map(str, output_shape(*inputs, **options)))


def shape_with_numpy_floor(input_shape, filter_shape, filters, stride=1, padding=0):
    n, f = np.array(input_shape[:-1]), np.array(filter_shape[:-1])
    return (*np.floor((n + 2 * padding - f) / stride + 1), filters)


def shape_with_batch(*inputs, **options):
    return (1, *output_shape(*inputs, **options))


def shape_off_by_more(*inputs, **options):
    return tuple(size + 3 for size in output_shape(*inputs, **options))


def shape_without_defaults(input_shape, filter_shape, filters, stride, padding):
    return output_shape(input_shape, filter_shape, filters, stride, padding)


def shape_with_another_stride(input_shape, filter_shape, filters, stride=2, padding=0):
    return output_shape(input_shape, filter_shape, filters, stride, padding)


def shape_padded_by_default(input_shape, filter_shape, filters, stride=1, padding=1):
    return output_shape(input_shape, filter_shape, filters, stride, padding)


def shape_with_none_for_padding(input_shape, filter_shape, filters, stride=1, padding=None):
    return output_shape(input_shape, filter_shape, filters, stride, padding)


def shape_in_pytorchs_order(input_shape, filter_shape, filters, stride=1, padding=0):
    _, *sizes = input_shape
    _, *kernel = filter_shape
    return (filters, *((n + 2 * padding - f) // stride + 1 for n, f in zip(sizes, kernel, strict=True)))


def shape_with_channels_first(input_shape, filter_shape, filters, stride=1, padding=0):
    sizes = [int((n + 2 * padding - f) / stride) + 1 for n, f in zip(input_shape[1:], filter_shape[1:], strict=True)]
    return (*sizes, filters)


def shape_of_pictures_alone(input_shape, filter_shape, filters, stride=1, padding=0):
    H, W, _ = input_shape
    return (H + 2 * padding - filter_shape[0]) // stride + 1, (W + 2 * padding - filter_shape[1]) // stride + 1, filters


def shape_with_two_slips(input_shape, filter_shape, filters, stride=1, padding=0):
    """Padding once, and no plus one."""
    return (*((n + padding - f) // stride for n, f in zip(input_shape[:-1], filter_shape[:-1], strict=True)), filters)


def convolve_without_defaults(signal, kernels, stride, padding):
    return convolve_1d(signal, kernels, stride, padding)


def convolve_with_another_stride(signal, kernels, stride=2, padding=0):
    return convolve_1d(signal, kernels, stride, padding)


def convolve_padded_by_default(signal, kernels, stride=1, padding=1):
    return convolve_1d(signal, kernels, stride, padding)


def convolve_that_pads_channels(signal, kernels, stride=1, padding=0):
    padded = np.pad(signal, padding)
    f, _, filters = kernels.shape
    result = np.zeros(((len(padded) - f) // stride + 1, filters))
    for i in range(len(result)):
        for k in range(filters):
            result[i, k] = np.sum(padded[stride * i : stride * i + f] * kernels[:, :, k])
    return result


def convolve_that_pads_channels_with_tensordot(signal, kernels, stride=1, padding=0):
    padded = np.pad(signal, (padding, padding), "constant")
    positions = (len(padded) - len(kernels)) // stride + 1
    return np.array([np.tensordot(padded[stride * i :][: len(kernels)], kernels, axes=2) for i in range(positions)])


def convolve_that_pads_channels_and_reads_on(signal, kernels, stride=1, padding=0):
    """Fits, as it reads as many channels as the kernels have: those of the padding come first."""
    padded = np.pad(signal, padding)
    return convolve_1d(padded[:, : kernels.shape[1]], kernels, stride)


def convolve_that_ignores_stride(signal, kernels, stride=1, padding=0):
    padded = np.pad(signal, ((padding, padding), (0, 0)))
    positions = (len(padded) - len(kernels)) // stride + 1
    return np.array([np.tensordot(padded[i : i + len(kernels)], kernels, axes=2) for i in range(positions)])


def convolve_in_pytorchs_order(signal, kernels, stride=1, padding=0):
    _, n = signal.shape
    filters, _, f = kernels.shape
    padded = np.pad(signal, ((0, 0), (padding, padding)))
    positions = (n + 2 * padding - f) // stride + 1
    result = np.zeros((filters, positions))
    for k in range(filters):
        for i in range(positions):
            result[k, i] = np.sum(padded[:, i * stride : i * stride + f] * kernels[k])
    return result


def convolve_of_tensors(signal, kernels, stride=1, padding=0):
    return convolve_1d(signal.numpy(), kernels.numpy(), stride, padding)


def convolve_with_two_slips(signal, kernels, stride=1, padding=0):
    """Flipped, and averaged over the channels."""
    return convolve_1d(signal, kernels[::-1], stride, padding) / signal.shape[1]


def convolve_in_place(signal, kernels, stride=1, padding=0):
    result = convolve_1d(signal, kernels, stride, padding)
    signal -= signal.mean()
    return result


def convolve_as_list(signal, kernels, stride=1, padding=0):
    return convolve_1d(signal, kernels, stride, padding).tolist()


def convolve_batched(signal, kernels, stride=1, padding=0):
    return convolve_1d(signal, kernels, stride, padding)[None]


def convolve_rounded(signal, kernels, stride=1, padding=0):
    """Right on quarters, and on nothing finer."""
    return convolve_1d(np.round(16 * signal) / 16, kernels, stride, padding)


def field_of_nothing_fails(layers):
    size, jump = layers[0]
    for kernel, stride in layers[1:]:
        size += (kernel - 1) * jump
        jump *= stride
    return size, jump


def field_as_dictionary(layers):
    size, jump = receptive_field(layers)
    return {"size": size, "jump": jump}


def field_of_two_axes(layers):
    size, jump = receptive_field(layers)
    return (size, size), (jump, jump)


def field_with_two_slips(layers):
    """Begun at zero, and the last stride for a jump."""
    size, jump = 0, 1
    for kernel, stride in layers:
        size += (kernel - 1) * jump
        jump *= stride
    return size, layers[-1][1] if layers else 1


def field_of_flat_layers(layers):
    size, jump = 1, 1
    for i in range(0, len(layers), 2):
        size, jump = size + (layers[i] - 1) * jump, jump * layers[i + 1]
    return size, jump


def strongest_with_swapped_axes(activation, count):
    n, W, _ = activation.shape
    best = [(-activation[i].max(), i, *divmod(int(activation[i].argmax()), W)) for i in range(n)]
    return [entry[1:] for entry in sorted(best)[:count]]


def strongest_with_two_slips(activation, count):
    """The weakest first, rows and columns swapped."""
    order = np.argsort(activation.max(axis=(1, 2)), kind="stable")[:count]
    return [(i, *np.unravel_index(activation[i].argmax(), activation[i].shape)[::-1]) for i in order]


def strongest_of_a_tensor(activation, count):
    return strongest(activation.numpy(), count)


def strongest_in_place(activation, count):
    places = []
    for _ in range(min(count, len(activation))):
        place = np.unravel_index(np.argmax(activation), activation.shape)
        places.append(place)
        activation[place[0]] = -1e9
    return places


def strongest_with_values(activation, count):
    return [(*place, activation[place]) for place in strongest(activation, count)]


def strongest_padded(activation, count):
    """As many as were asked for, though there are fewer pictures."""
    places = strongest(activation, count)
    return places + places[:1] * (count - len(places))


def strongest_as_numbers(activation, count):
    return [int(picture) for picture, _, _ in strongest(activation, count)]


def unit_in_pytorchs_order(model, layer, channel, tv_weight):
    def cost(picture):
        a = model.activations(picture, [layer])[layer]
        _, _, H, W = a.shape
        unit = -tf.reduce_sum(a[:, channel]) / (H * W)
        tv = tv_weight * total_variation(picture)
        return {"total": unit + tv, "unit": unit, "tv": tv}

    return cost


def unit_with_sizes_in_pytorchs_order(model, layer, channel, tv_weight):
    def cost(picture):
        a = model.activations(picture, [layer])[layer]
        N, _, H, W = a.shape
        unit = -tf.reduce_sum(a[..., channel]) / (N * H * W)
        tv = tv_weight * total_variation(picture)
        return {"total": unit + tv, "unit": unit, "tv": tv}

    return cost


def unit_with_a_typo(model, layer, channel, tv_weight):
    def cost(picture):
        unit = -tf.reduce_means(model.activations(picture, [layer])[layer][..., channel])
        tv = tv_weight * total_variation(picture)
        return {"total": unit + tv, "unit": unit, "tv": tv}

    return cost


def unit_that_does_not_call_get_shape(model, layer, channel, tv_weight):
    def cost(picture):
        a = model.activations(picture, [layer])[layer]
        _, H, W, _ = a.get_shape.as_list()
        unit = -tf.reduce_sum(a[..., channel]) / (H * W)
        tv = tv_weight * total_variation(picture)
        return {"total": unit + tv, "unit": unit, "tv": tv}

    return cost


def unit_of_a_transposed_tensor(model, layer, channel, tv_weight):
    def cost(picture):
        unit = -tf.reduce_mean(model.activations(picture, [layer])[layer].T[channel])
        tv = tv_weight * total_variation(picture)
        return {"total": unit + tv, "unit": unit, "tv": tv}

    return cost


def unit_with_two_slips(model, layer, channel, tv_weight):
    """No minus, and the weight left out."""

    def cost(picture):
        unit = tf.reduce_mean(model.activations(picture, [layer])[layer][..., channel])
        tv = total_variation(picture)
        return {"total": unit + tv, "unit": unit, "tv": tv}

    return cost


def unit_total_only(model, layer, channel, tv_weight):
    return lambda picture: unit_cost(model, layer, channel, tv_weight)(picture)["total"]


def unit_without_tv(model, layer, channel, tv_weight):
    def cost(picture):
        costs = unit_cost(model, layer, channel, tv_weight)(picture)
        return {"total": costs["total"], "unit": costs["unit"]}

    return cost


def unit_forgets_to_return(model, layer, channel, tv_weight):
    def cost(picture):
        unit_cost(model, layer, channel, tv_weight)(picture)

    return cost


def unit_in_numpy(model, layer, channel, tv_weight):
    def cost(picture):
        unit = -np.mean(model.activations(picture, [layer])[layer][..., channel].numpy())
        tv = tv_weight * total_variation(picture)
        return {"total": unit + tv, "unit": unit, "tv": tv}

    return cost


def unit_of_a_constant(model, layer, channel, tv_weight):
    def cost(picture):
        costs = unit_cost(model, layer, channel, tv_weight)
        still = costs(tf.constant(picture.numpy()))
        return {**costs(picture), "tv": still["tv"]}

    return cost


def unit_not_reduced(model, layer, channel, tv_weight):
    def cost(picture):
        unit = -tf.reduce_mean(model.activations(picture, [layer])[layer][..., channel], axis=[1, 2])
        tv = tv_weight * total_variation(picture)
        return {"total": unit + tv, "unit": unit, "tv": tv}

    return cost


REJECTED = {
    "output_shape": [
        ("a text", shape_as_text, "expected was a tuple of whole numbers"),
        ("np.floor", shape_with_numpy_floor, "(10.0, 10.0, 16); expected was a tuple of whole numbers"),
        ("a batch in front", shape_with_batch, "one size for every axis of positions, then one for the channels"),
        ("no defaults", shape_without_defaults, "These are the defaults of the signature"),
        ("another stride by default", shape_with_another_stride, "These are the defaults of the signature"),
        ("padded by default", shape_padded_by_default, "These are the defaults of the signature"),
        ("None for padding", shape_with_none_for_padding, "These are the defaults of the signature"),
        ("PyTorch's order", shape_in_pytorchs_order, "You take the first entry for the channels, as PyTorch"),
        ("channels first", shape_with_channels_first, "You take the first entry for the channels, as PyTorch"),
        ("pictures alone", shape_of_pictures_alone, "stops on a signal of 14 samples"),
        ("padding once, no plus one", shape_with_two_slips, "add 1 at the end"),
        (
            "off by more",
            shape_off_by_more,
            "has the wrong value on a picture of 14 × 14 pixels and 16 filters of 5 × 5",
        ),
        ("a number", lambda *inputs, **options: 10, "something of the type int"),
        ("stops", lambda *inputs, **options: inputs[9], "stops on a picture of 14 × 14 pixels"),
    ],
    "convolve_1d": [
        ("writes", convolve_in_place, "writes into signal or kernels"),
        ("a list", convolve_as_list, "expected was a tensor of real numbers"),
        ("a batch in front", convolve_batched, "has shape (1, 3, 1), not (3, 1)"),
        ("no defaults", convolve_without_defaults, "These are the defaults of the signature"),
        ("another stride by default", convolve_with_another_stride, "These are the defaults of the signature"),
        ("padded by default", convolve_padded_by_default, "These are the defaults of the signature"),
        ("pads channels", convolve_that_pads_channels, "np.pad with a single number pads the axis of channels too"),
        ("pads channels, tensordot", convolve_that_pads_channels_with_tensordot, "pads the axis of channels too"),
        ("pads channels and reads on", convolve_that_pads_channels_and_reads_on, "pads the axis of channels too"),
        ("ignores stride", convolve_that_ignores_stride, "your windows still move on by 1"),
        ("PyTorch's order", convolve_in_pytorchs_order, "as PyTorch has them"),
        ("arrays taken for tensors", convolve_of_tensors, "numpy"),
        ("flipped, channels averaged", convolve_with_two_slips, "You flip the kernel"),
        ("rounds", convolve_rounded, "held against tf.nn.conv1d"),
        ("no padding argument", lambda signal, kernels, stride=1: convolve_1d(signal, kernels, stride), "padding"),
    ],
    "receptive_field": [
        ("begins with the first layer", field_of_nothing_fails, "receptive_field([]) should be (1, 1)"),
        ("a dictionary", field_as_dictionary, "expected were size, jump"),
        ("two axes", field_of_two_axes, "for size; expected was a tensor of real numbers"),
        ("from zero, the last stride", field_with_two_slips, "begin with 1"),
        ("flat layers", field_of_flat_layers, "stops on two convolutions"),
    ],
    "strongest": [
        ("writes", strongest_in_place, "writes into activation"),
        ("values too", strongest_with_values, "something else than a list of (picture, row, column)"),
        ("as many as asked for", strongest_padded, "returns a list of 9; 9 places of 4 pictures were asked for"),
        ("pictures alone", strongest_as_numbers, "something else than a list of (picture, row, column)"),
        ("swapped axes", strongest_with_swapped_axes, "divide by the width W, not by the height"),
        ("weakest, swapped", strongest_with_two_slips, "Row and column stand in each other's place"),
        ("arrays taken for tensors", strongest_of_a_tensor, "numpy"),
    ],
    "unit_cost": [
        ("a number", unit_total_only, "something else than a dictionary"),
        ("no tv", unit_without_tv, 'costs without "tv"'),
        ("no return inside", unit_forgets_to_return, "the `return` inside cost"),
        ("NumPy", unit_in_numpy, '"unit" has the right value, but no gradient'),
        ("a constant", unit_of_a_constant, '"tv" has the right value, but no gradient'),
        ("shape (1,)", unit_not_reduced, "has shape (1,), not () as a scalar has"),
        ("PyTorch's order", unit_in_pytorchs_order, "Yours is a row of the picture"),
        ("sizes in PyTorch's order", unit_with_sizes_in_pytorchs_order, "so you divide by W · C"),
        ("a typo", unit_with_a_typo, "reduce_means"),
        ("get_shape not called", unit_that_does_not_call_get_shape, "as_list"),
        ("a tensor's T", unit_of_a_transposed_tensor, "'T'"),
        ("no minus, no weight", unit_with_two_slips, "Put a minus before its mean"),
        ("a name, and no function", lambda *inputs: "cost", "something else than a function of the picture"),
    ],
}
