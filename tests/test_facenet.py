"""FaceNet: its architecture against one in NumPy, its published weights, and what it says of files it can't use."""

import gzip
import io
import re
import tarfile

import numpy as np
import pytest
from PIL import Image, ImageDraw

from nst.networks import facenet
from nst.networks.facenet import faceRecoModel, load_weights_from_FaceNet
from nst.quiet import tf
from nst.weights.files import WeightsError

#: The files that are too large to lie beside the repository with the others.
NOT_THERE = [
    "inception_3c_3x3_conv2_w.csv",
    "inception_4e_3x3_conv2_w.csv",
    "inception_5a_1x1_conv_w.csv",
    "inception_5a_3x3_conv2_w.csv",
    "inception_5b_3x3_conv2_w.csv",
]

#: Convolutions of nn4.small2 as OpenFace's Lua file has them: channels out, channels in, kernel size.
CONVOLUTIONS = {"conv1": (64, 3, 7), "conv2": (64, 64, 1), "conv3": (192, 64, 3)}
CONVOLUTIONS |= {"3a_3x3_conv1": (96, 192, 1), "3a_3x3_conv2": (128, 96, 3), "3a_5x5_conv1": (16, 192, 1)}
CONVOLUTIONS |= {"3a_5x5_conv2": (32, 16, 5), "3a_pool_conv": (32, 192, 1), "3a_1x1_conv": (64, 192, 1)}
CONVOLUTIONS |= {"3b_3x3_conv1": (96, 256, 1), "3b_3x3_conv2": (128, 96, 3), "3b_5x5_conv1": (32, 256, 1)}
CONVOLUTIONS |= {"3b_5x5_conv2": (64, 32, 5), "3b_pool_conv": (64, 256, 1), "3b_1x1_conv": (64, 256, 1)}
CONVOLUTIONS |= {"3c_3x3_conv1": (128, 320, 1), "3c_3x3_conv2": (256, 128, 3)}
CONVOLUTIONS |= {"3c_5x5_conv1": (32, 320, 1), "3c_5x5_conv2": (64, 32, 5)}
CONVOLUTIONS |= {"4a_3x3_conv1": (96, 640, 1), "4a_3x3_conv2": (192, 96, 3), "4a_5x5_conv1": (32, 640, 1)}
CONVOLUTIONS |= {"4a_5x5_conv2": (64, 32, 5), "4a_pool_conv": (128, 640, 1), "4a_1x1_conv": (256, 640, 1)}
CONVOLUTIONS |= {"4e_3x3_conv1": (160, 640, 1), "4e_3x3_conv2": (256, 160, 3)}
CONVOLUTIONS |= {"4e_5x5_conv1": (64, 640, 1), "4e_5x5_conv2": (128, 64, 5)}
CONVOLUTIONS |= {"5a_3x3_conv1": (96, 1024, 1), "5a_3x3_conv2": (384, 96, 3)}
CONVOLUTIONS |= {"5a_pool_conv": (96, 1024, 1), "5a_1x1_conv": (256, 1024, 1)}
CONVOLUTIONS |= {"5b_3x3_conv1": (96, 736, 1), "5b_3x3_conv2": (384, 96, 3)}
CONVOLUTIONS |= {"5b_pool_conv": (96, 736, 1), "5b_1x1_conv": (256, 736, 1)}
CONVOLUTIONS = {name if name[0] == "c" else f"inception_{name}": shape for name, shape in CONVOLUTIONS.items()}


def random_arrays():
    """Weights in the layout of OpenFace's files, such that activations stay of order one."""
    random = np.random.default_rng(5)
    arrays = {}
    for name, (out, into, size) in CONVOLUTIONS.items():
        arrays[f"{name}_w"] = random.normal(0, np.sqrt(2 / (into * size * size)), (out, into, size, size))
        arrays[f"{name}_b"] = random.normal(0, 0.1, out)
        normalisation = name.replace("conv", "bn")
        arrays[f"{normalisation}_w"] = random.uniform(0.5, 1.5, out)
        arrays[f"{normalisation}_b"] = random.normal(0, 0.2, out)
        arrays[f"{normalisation}_m"] = random.normal(0, 0.2, out)
        # Small ones are there too, beside which it matters what is added to them.
        arrays[f"{normalisation}_v"] = random.uniform(0.001, 2, out)
    arrays["dense_w"] = random.normal(0, 0.05, (128, 736))
    arrays["dense_b"] = random.normal(0, 0.1, 128)
    return {name: array.astype(np.float32) for name, array in arrays.items()}


def csv(array):
    return ",".join(f"{number:.9g}" for number in array.ravel()) + "\n"


def faces_of_noise(count=2):
    return np.random.default_rng(1).random((count, 3, 96, 96), np.float32)


@pytest.fixture(scope="module")
def arrays():
    return random_arrays()


@pytest.fixture(scope="module")
def folder(arrays, tmp_path_factory):
    """A complete folder of CSV files."""
    folder = tmp_path_factory.mktemp("openface")
    for name, array in arrays.items():
        (folder / f"{name}.csv").write_text(csv(array))
    return folder


@pytest.fixture(scope="module")
def loaded(folder):
    """A model with the folder's weights; for tests that leave it as it is."""
    model = faceRecoModel()
    assert load_weights_from_FaceNet(model, folder) == []
    return model


@pytest.fixture(scope="module")
def untouched():
    """A model that no test may change, and its weights."""
    model = faceRecoModel()
    return model, model.get_weights()


# -------------------------------------------------------------------------------- the network in NumPy


def convolve(x, weights, name, stride=1):
    """Convolution, batch normalisation and ReLU of x, (n, channels, height, width) float64."""
    kernel = weights[f"{name}_w"].astype(np.float64)
    size = kernel.shape[2]
    x = np.pad(x, [(0, 0), (0, 0), (size // 2, size // 2), (size // 2, size // 2)])
    height, width = ((length - size) // stride + 1 for length in x.shape[2:])
    total = np.zeros((len(x), len(kernel), height, width))
    for i in range(size):
        for j in range(size):
            window = x[:, :, i : i + stride * height : stride, j : j + stride * width : stride]
            total += np.einsum("oc,nchw->nohw", kernel[:, :, i, j], window[:, :, :height, :width], optimize=True)
    column = {letter: weights[f"{name.replace('conv', 'bn')}_{letter}"][:, None, None] for letter in "wbmv"}
    total += weights[f"{name}_b"][:, None, None]
    total = (total - column["m"]) / np.sqrt(column["v"] + np.float64(1e-5)) * column["w"] + column["b"]
    return np.maximum(total, 0)


def pool(x, stride, reduce):
    """reduce, a function of (values, axis), over windows of 3×3 that lie wholly in x."""
    windows = np.lib.stride_tricks.sliding_window_view(x, (3, 3), axis=(2, 3))[:, :, ::stride, ::stride]
    return reduce(windows, axis=(-2, -1))


def frame(x, size):
    """x in the middle of size×size zeros; where there is no middle, one nearer to the start."""
    framed = np.zeros((*x.shape[:2], size, size))
    start = (size - x.shape[2]) // 2
    framed[:, :, start : start + x.shape[2], start : start + x.shape[3]] = x
    return framed


def in_numpy(weights, pictures, pooling):
    """nn4.small2 as OpenFace's Lua file has it, less local response normalisation: the blocks and the encodings."""
    mean = np.mean if pooling == "average" else lambda x, axis: np.sqrt((x**2).sum(axis=axis))
    x = convolve(pictures.astype(np.float64), weights, "conv1", stride=2)
    x = pool(frame(x, 50), 2, np.max)
    x = convolve(convolve(x, weights, "conv2"), weights, "conv3")
    x = pool(frame(x, 26), 2, np.max)
    blocks = {}
    for block, stride in {"3a": 1, "3b": 1, "3c": 2, "4a": 1, "4e": 2, "5a": 1, "5b": 1}.items():
        name = f"inception_{block}"
        branches = []
        for kind in ("3x3", "5x5"):
            if f"{name}_{kind}_conv1_w" in weights:
                squeezed = convolve(x, weights, f"{name}_{kind}_conv1")
                branches.append(convolve(squeezed, weights, f"{name}_{kind}_conv2", stride))
        pooled = pool(x, 3, mean) if block in ("3b", "4a", "5a") else pool(x, 2, np.max)
        if f"{name}_pool_conv_w" in weights:
            pooled = convolve(pooled, weights, f"{name}_pool_conv")
        branches.append(frame(pooled, branches[0].shape[2]))
        if f"{name}_1x1_conv_w" in weights:
            branches.append(convolve(x, weights, f"{name}_1x1_conv"))
        x = blocks[name] = np.concatenate(branches, axis=1)
    x = x.mean(axis=(2, 3)) @ weights["dense_w"].astype(np.float64).T + weights["dense_b"]
    return blocks, x / np.linalg.norm(x, axis=1, keepdims=True)


# ------------------------------------------------------------------------------------ the architecture


def test_it_has_the_parameters_of_the_classic_exercise(untouched):
    model, _ = untouched
    assert model.count_params() == 3_743_280
    # The number in nn4.small2.def.lua, which leaves moving means and variances out.
    assert sum(int(np.prod(weight.shape)) for weight in model.trainable_weights) == 3_733_968


def test_encodings_have_128_numbers_and_unit_norm(untouched):
    model, _ = untouched
    assert model.input_shape == (None, 3, 96, 96) and model.output_shape == (None, 128)
    encodings = model(faces_of_noise(3)).numpy()
    assert encodings.shape == (3, 128) and encodings.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(encodings, axis=1), 1, atol=1e-6)


@pytest.mark.slow
@pytest.mark.parametrize("pooling", ["average", "l2"])
def test_every_block_does_what_numpy_does(arrays, folder, pooling):
    model = faceRecoModel(pooling=pooling)
    load_weights_from_FaceNet(model, folder)
    pictures = faces_of_noise(1)
    blocks, encodings = in_numpy(arrays, pictures, pooling)
    outputs = [model.get_layer(name).output for name in blocks]
    found = tf.keras.Model(model.input, [*outputs, model.output])(pictures)
    for (name, expected), block in zip(blocks.items(), found, strict=False):
        expected = expected.transpose(0, 2, 3, 1)
        assert block.shape == expected.shape and expected.std() > 0.1, name
        np.testing.assert_allclose(block, expected, rtol=1e-4, atol=1e-4 * expected.max(), err_msg=name)
    np.testing.assert_allclose(found[-1], encodings, atol=1e-5)


def test_l2_pooling_trains_where_a_whole_window_is_zero():
    x = tf.Variable(np.zeros((1, 3, 3, 2), np.float32))
    with tf.GradientTape() as tape:
        pooled = facenet._l2_pool(x)
    assert np.abs(pooled.numpy()).max() < 1e-5
    assert np.isfinite(tape.gradient(pooled, x).numpy()).all()


def test_colours_rows_and_columns_are_not_interchangeable(loaded):
    pictures = faces_of_noise(1)
    encoding = loaded(pictures).numpy()
    assert np.abs(loaded(pictures[:, ::-1]).numpy() - encoding).max() > 1e-3
    assert np.abs(loaded(pictures.transpose(0, 1, 3, 2)).numpy() - encoding).max() > 1e-3


def test_it_does_not_depend_on_the_others_in_the_batch(loaded):
    pictures = faces_of_noise(3)
    np.testing.assert_allclose(loaded(pictures)[1:2], loaded(pictures[1:2]), atol=1e-5)


@pytest.mark.parametrize(
    "arguments, message",
    [
        ({"input_shape": (96, 96, 3)}, r"shape \(3, 96, 96\), colours first, and was given \(96, 96, 3\)\.$"),
        ({"input_shape": (3, 160, 160)}, r"was given \(3, 160, 160\)\.$"),
        ({"pooling": "max"}, r"\"average\" or \"l2\", and was given 'max'\.$"),
    ],
)
def test_what_it_cannot_be_is_said(arguments, message):
    with pytest.raises(ValueError, match=message):
        faceRecoModel(**arguments)


# ------------------------------------------------------------------------------- weights that are good


def test_a_folder_gives_the_model_that_hand_set_weights_give(arrays, loaded):
    by_hand = faceRecoModel()
    for name in CONVOLUTIONS:
        by_hand.get_layer(name).set_weights([arrays[f"{name}_w"].transpose(2, 3, 1, 0), arrays[f"{name}_b"]])
        name = name.replace("conv", "bn")
        by_hand.get_layer(name).set_weights([arrays[f"{name}_{letter}"] for letter in "wbmv"])
    by_hand.get_layer("dense_layer").set_weights([arrays["dense_w"].T, arrays["dense_b"]])
    pictures = faces_of_noise()
    np.testing.assert_array_equal(loaded(pictures), by_hand(pictures))


def test_a_frozen_model_is_filled_alike(folder, loaded):
    model = faceRecoModel()
    model.trainable = False
    load_weights_from_FaceNet(model, str(folder))
    for ours, theirs in zip(model.layers, loaded.layers, strict=True):
        for a, b in zip(ours.get_weights(), theirs.get_weights(), strict=True):
            np.testing.assert_array_equal(a, b)


def test_an_archive_of_a_few_files_is_loaded_and_the_rest_is_named(arrays, tmp_path):
    model = faceRecoModel()
    before = model.get_weights()
    path = write_archive(tmp_path / "w.tar.gz", {"a/b/conv2_w.csv": csv(arrays["conv2_w"]), "a/readme.txt": "hello"})
    missing = load_weights_from_FaceNet(model, path, missing_ok=True)
    assert len(missing) == 223 and "conv2_w.csv" not in missing and "dense_w.csv" in missing
    kernel = model.get_layer("conv2").kernel
    np.testing.assert_array_equal(kernel, arrays["conv2_w"].transpose(2, 3, 1, 0))
    changed = [weight.path for weight, old in zip(model.weights, before, strict=True) if (weight.numpy() != old).any()]
    assert changed == [kernel.path]


def write_archive(path, files):
    """A .tar.gz of files, a dict from member name to its text, bytes, or TarInfo."""
    with tarfile.open(path, "w:gz") as archive:
        for name, content in files.items():
            if isinstance(content, tarfile.TarInfo):
                archive.addfile(content)
                continue
            content = content.encode() if isinstance(content, str) else content
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return path


# ---------------------------------------------------------------------------------------- real weights


@pytest.fixture(scope="module")
def real_archive(real_data):
    path = real_data / "openface_nn4_small2_csv.tar.gz"
    if not path.is_file():
        pytest.skip(f"no {path.name} beside this clone (../shared/data)")
    return path


@pytest.fixture(scope="module")
def real_arrays(real_archive):
    """Every file of the archive, read by other means than the loader's."""
    with tarfile.open(real_archive) as archive:
        return {
            member.name.split("/")[-1].removesuffix(".csv"): np.loadtxt(archive.extractfile(member), delimiter=",")
            for member in archive
            if member.isfile()
        }


def test_every_real_array_lands_in_its_place(real_archive, real_arrays):
    model = faceRecoModel()
    before = {weight.path: weight.numpy() for weight in model.weights}
    with pytest.raises(WeightsError, match=r"holds 219 of FaceNet's 224 CSV files") as error:
        load_weights_from_FaceNet(model, real_archive)
    assert all(name in str(error.value) for name in NOT_THERE)
    assert all((weight.numpy() == before[weight.path]).all() for weight in model.weights)
    assert load_weights_from_FaceNet(model, real_archive, missing_ok=True) == NOT_THERE

    arrays, placed = dict(real_arrays), []
    assert len(arrays) == 221
    # Two files are no weights: a convolution has no mean and no variance. They repeat those of the layer before.
    for letter in "mv":
        stray = arrays.pop(f"inception_5a_3x3_conv2_{letter}")
        np.testing.assert_array_equal(stray, arrays[f"inception_5a_3x3_bn1_{letter}"])
    for name, array in arrays.items():
        layer, letter = name.rsplit("_", 1)
        if layer == "dense":
            weight = {"w": model.get_layer("dense_layer").kernel, "b": model.get_layer("dense_layer").bias}[letter]
            array = array.reshape(128, 736).T if letter == "w" else array
        elif "conv" in layer:
            weight = {"w": model.get_layer(layer).kernel, "b": model.get_layer(layer).bias}[letter]
            if letter == "w":
                out, into, size = CONVOLUTIONS[layer]
                array = array.reshape(out, into, size, size).transpose(2, 3, 1, 0)
        else:
            attribute = {"w": "gamma", "b": "beta", "m": "moving_mean", "v": "moving_variance"}[letter]
            weight = getattr(model.get_layer(layer), attribute)
        np.testing.assert_array_equal(weight.numpy(), array.astype(np.float32), err_msg=name)
        placed.append(weight.path)
    assert len(set(placed)) == 219
    left = {weight.path for weight in model.weights} - set(placed)
    assert left == {f"{name.removesuffix('_w.csv')}/kernel" for name in NOT_THERE}
    assert all((weight.numpy() == before[weight.path]).all() for weight in model.weights if weight.path in left)


def drawn_faces(count=24):
    """Simple drawn faces of many colours on many backgrounds, (count, 3, 96, 96) float32."""
    random = np.random.default_rng(2)
    pictures = []
    for _ in range(count):

        def colour(low=0, high=255):
            return tuple(int(value) for value in random.integers(low, high, 3))

        picture = Image.new("RGB", (192, 192), colour())
        draw = ImageDraw.Draw(picture)
        for _ in range(12):
            corner = random.integers(-40, 180, 2)
            draw.ellipse([*corner.tolist(), *(corner + random.integers(10, 120, 2)).tolist()], fill=colour())
        x, y = (int(value) for value in random.integers(-15, 15, 2))
        skin = int(random.integers(90, 240))
        draw.ellipse([30 + x, 15 + y, 162 + x, 190 + y], fill=colour(0, 120))
        draw.ellipse([42 + x, 30 + y, 150 + x, 182 + y], fill=(skin, int(skin * 0.8), int(skin * 0.65)))
        for side in (-1, 1):
            centre = 96 + 24 * side + x
            draw.ellipse([centre - 13, 85 + y, centre + 13, 99 + y], fill="white")
            draw.ellipse([centre - 6, 86 + y, centre + 6, 98 + y], fill=colour(0, 90))
            draw.line([centre - 15, 76 + y, centre + 15, 73 + y], fill=colour(0, 80), width=5)
        draw.line([96 + x, 98 + y, 90 + x, 124 + y, 102 + x, 126 + y], fill=(skin // 2,) * 3, width=3)
        draw.arc([72 + x, 125 + y, 120 + x, 158 + y], 20, 160, fill=(170, 40, 50), width=6)
        pictures.append(np.asarray(picture.resize((96, 96), Image.Resampling.LANCZOS), np.float32) / 255)
    noisy = np.stack(pictures) + random.normal(0, 0.02, (count, 96, 96, 3))
    return np.clip(noisy, 0, 1).transpose(0, 3, 1, 2).astype(np.float32)


@pytest.mark.slow
def test_real_activations_have_the_stored_means_and_variances(real_archive):
    """Up to the first missing file, what reaches a batch normalisation is spread about as its file says it was."""
    spread = {}
    for pooling in ("average", "l2"):
        model = faceRecoModel(pooling=pooling)
        load_weights_from_FaceNet(model, real_archive, missing_ok=True)
        names = [layer.name for layer in model.layers if "bn" in layer.name]
        names = [name for name in names if re.match(r"bn|inception_3[ab]|inception_3c_.x._bn1", name)]
        assert len(names) == 17
        found = tf.keras.Model(model.input, [model.get_layer(name).input for name in names])(drawn_faces())
        for name, x in zip(names, found, strict=True):
            layer = model.get_layer(name)
            x = (x - layer.moving_mean) / np.sqrt(layer.moving_variance.numpy() + 1e-5)
            assert np.isfinite(x).all(), name
            mean, deviation = np.mean(x, axis=(0, 1, 2)), np.std(x, axis=(0, 1, 2))
            spread[name, pooling] = np.median(np.abs(mean)), np.median(deviation)
    for (name, pooling), (mean, deviation) in spread.items():
        if (name, pooling) != ("inception_3b_pool_bn", "average"):
            assert mean < 0.9 and 0.7 < deviation < 1.6, (name, pooling, mean, deviation)
    # The published weights learnt from L2 norms; averages of the same windows are several times smaller.
    assert spread["inception_3b_pool_bn", "average"][1] < 0.4 < 0.7 < spread["inception_3b_pool_bn", "l2"][1]


# -------------------------------------------------------------------------------- weights that are not


def nan_among(numbers):
    return numbers.replace(",", ",nan,", 1).rsplit(",", 1)[0]


#: A spoilt file: its name, what becomes of its text, and what is said.
SPOILT = {
    "too short": (
        "conv1_b",
        lambda text: text[:-20],
        r"64 numbers in 1 line, and holds 6\d in 1; get a .*\.$",
    ),
    "too long": ("bn1_m", lambda text: text.strip() + ",1", r"64 numbers in 1 line, and holds 65 in 1; get a .*\.$"),
    "another layer's": ("dense_b", lambda text: "0," * 735 + "0", r"128 numbers in 1 line, and holds 736 in 1; get"),
    "empty": ("bn2_w", lambda text: "", r"should hold 64 numbers in 1 line, and holds 0 in 0; get"),
    "a column": ("conv2_b", lambda text: text.replace(",", "\n"), r"64 numbers in 1 line, and holds 64 in 64; get"),
    "a word": (
        "conv3_b",
        lambda text: "none" + text[text.index(",") :],
        r"192 numbers, and one .* \(.*b'none'\)",
    ),
    "cut at a comma": (
        "bn3_b",
        lambda text: text.rsplit(",", 1)[0] + ",",
        r"192 numbers, and one .* \(.*b''\)",
    ),
    "no text": (
        "bn3_w",
        lambda text: b"\x00\xff" + b"\x01," * 191,
        r"192 numbers, and one of them is something",
    ),
    "NaN": ("bn1_b", nan_among, "NaN or infinity among the numbers of bn1_b"),
    "infinity": (
        "bn1_w",
        lambda text: "-inf" + text[text.index(",") :],
        "NaN or infinity among the numbers of bn1_w",
    ),
    "beyond float32": (
        "bn1_w",
        lambda text: "1e99" + text[text.index(",") :],
        r"NaN or infinity among the numbers of bn1_w",
    ),
    "a negative variance": (
        "bn1_v",
        lambda text: "-1" + text[text.index(",") :],
        r"negative number in bn1_v\.csv, where var",
    ),
    "huge": ("bn1_b", lambda text: "0" * 5000 + text, r"has 5,\d+ bytes, and at most 2,048 were expected"),
}


@pytest.mark.parametrize("kind", ["folder", "archive"])
@pytest.mark.parametrize("spoilt", SPOILT)
def test_a_spoilt_file_is_named_and_changes_nothing(spoilt, kind, arrays, untouched, tmp_path):
    model, before = untouched
    name, spoil, message = SPOILT[spoilt]
    good = {other: csv(arrays[other]) for other in ("conv1_w", "inception_5b_1x1_bn_v")}
    files = {f"{key}.csv": text for key, text in (good | {name: spoil(csv(arrays[name]))}).items()}
    if kind == "archive":
        path = write_archive(tmp_path / "weights.tar.gz", files)
    else:
        path = tmp_path
        for key, text in files.items():
            (path / key).write_bytes(text if isinstance(text, bytes) else text.encode())
    assert_refused(model, before, path, rf"^({name}\.csv in )?{re.escape(str(path))} .*{message}")


def assert_refused(model, before, path, message):
    """One sentence that matches, and a model that is as it was, even where missing files are no reason to refuse."""
    with pytest.raises(WeightsError, match=message) as error:
        load_weights_from_FaceNet(model, path, missing_ok=True)
    assert "\n" not in str(error.value) and str(error.value).endswith(".") and len(str(error.value)) < 400
    for weight, old in zip(model.get_weights(), before, strict=True):
        np.testing.assert_array_equal(weight, old)


def test_missing_files_are_named_and_counted(folder, untouched, tmp_path):
    model, before = untouched
    for file in folder.iterdir():
        if file.name not in ("dense_w.csv", "bn2_v.csv"):
            (tmp_path / file.name).hardlink_to(file)
    expected = r"holds 222 of FaceNet's 224 CSV files, and these are missing: bn2_v\.csv, dense_w\.csv; get the whole"
    with pytest.raises(WeightsError, match=expected):
        load_weights_from_FaceNet(model, tmp_path)
    assert all((weight == old).all() for weight, old in zip(model.get_weights(), before, strict=True))


def test_paths_that_hold_no_weights(untouched, tmp_path):
    (tmp_path / "empty").mkdir()
    (tmp_path / "conv1_w.csv").write_text("1,2,3")
    assert_refused(*untouched, tmp_path / "nowhere", r"^There is no folder or file .*nowhere; check the path\.$")
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    circle = r"loop cannot be read \(.*\); links there lead in a circle, so check the path\.$"
    assert_refused(*untouched, tmp_path / "loop", circle)
    assert_refused(*untouched, tmp_path / "empty", r"holds none of FaceNet's 224 CSV files, such as conv1_w\.csv")
    assert_refused(*untouched, tmp_path / "conv1_w.csv", r"cannot be read as a folder of CSV files or a \.tar\.gz")


def test_damaged_archives(arrays, untouched, tmp_path):
    whole = write_archive(tmp_path / "whole.tar.gz", {"conv1_w.csv": csv(arrays["conv1_w"])}).read_bytes()
    plain = gzip.decompress(whole)
    damaged = {
        "cut.tar.gz": whole[: len(whole) // 2],
        "cut_inside.tar.gz": gzip.compress(plain[: len(plain) // 2]),
        "flipped.tar.gz": whole[:400] + bytes(byte ^ 255 for byte in whole[400:420]) + whole[420:],
        "text.tar.gz": gzip.compress(b"not an archive " * 100),
        "nothing.tar.gz": b"",
    }
    for name, content in damaged.items():
        (tmp_path / name).write_bytes(content)
        assert_refused(*untouched, tmp_path / name, rf"{name} (cannot be read as|holds none of)")


def test_a_name_that_comes_twice_is_refused(arrays, untouched, tmp_path):
    text = csv(arrays["bn1_b"])
    path = write_archive(tmp_path / "twice.tar.gz", {"old/bn1_b.csv": text, "new/bn1_b.csv": text})
    assert_refused(*untouched, path, r"twice\.tar\.gz holds bn1_b\.csv twice; get a good copy\.$")


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE, tarfile.CHRTYPE])
def test_only_plain_members_of_an_archive_are_read(kind, arrays, tmp_path):
    secret = tmp_path / "bn1_b.csv"
    secret.write_text(csv(arrays["bn1_b"]))
    link = tarfile.TarInfo("bn1_b.csv")
    link.type, link.linkname = kind, str(secret)
    path = write_archive(tmp_path / "w.tar.gz", {"bn1_b.csv": link, "bn1_m.csv": csv(arrays["bn1_m"])})
    model = faceRecoModel()
    missing = load_weights_from_FaceNet(model, path, missing_ok=True)
    assert "bn1_b.csv" in missing and "bn1_m.csv" not in missing
    assert not model.get_layer("bn1").beta.numpy().any()


def test_nothing_is_extracted(arrays, untouched, tmp_path, monkeypatch):
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    path = write_archive(tmp_path / "w.tar.gz", {"../bn1_b.csv": csv(arrays["bn1_b"])})
    load_weights_from_FaceNet(faceRecoModel(), path, missing_ok=True)
    assert sorted(file.name for file in tmp_path.rglob("*")) == ["here", "w.tar.gz"]


def test_an_archive_that_unpacks_without_end_is_not_unpacked(untouched, tmp_path):
    path = tmp_path / "bomb.tar.gz"
    with gzip.open(path, "wb", compresslevel=1) as file:
        for _ in range(160):
            file.write(bytes(1024**2))
    assert_refused(*untouched, path, r"unpacks to more than 134,217,728 bytes")


def test_another_model_is_refused(folder):
    other = tf.keras.Sequential([tf.keras.Input((4,)), tf.keras.layers.Dense(2)], name="mine")
    before = other.get_weights()
    with pytest.raises(ValueError, match=r"of 3,743,280 parameters; 'mine' has 10\.$"):
        load_weights_from_FaceNet(other, folder)
    assert (other.get_weights()[0] == before[0]).all()
