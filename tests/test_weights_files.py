"""Weights from every kind of file: the same numbers from each, and one clear sentence for a file that is no good."""

import gc
import tracemalloc

import h5py
import numpy as np
import pytest
import scipy.io
import scipy.signal

from nst.networks import squeezenet
from nst.pictures import MEANS
from nst.weights import matconvnet, vgg19
from nst.weights.files import WeightsError
from nst.weights.vgg19 import CONVOLUTIONS, WIDTHS, read_weights
from nst_utils import CONFIG, VGG, LayerError, load_image, load_vgg_model, reshape_and_normalize_image
from tests.support.weights_files import (
    KINDS,
    random_weights,
    real_weights,
    write_all,
    write_keras,
    write_matconvnet,
    write_npz,
)


@pytest.fixture(autouse=True)
def own_cache_folder(tmp_path_factory, monkeypatch):
    """Keep the tests out of the user's cache."""
    folder = tmp_path_factory.mktemp("user-cache")
    monkeypatch.setattr(vgg19, "USER_FOLDER", folder)
    return folder


@pytest.fixture(scope="module")
def random_files(tmp_path_factory):
    weights = random_weights()
    return weights, write_all(tmp_path_factory.mktemp("random"), weights)


@pytest.fixture(scope="module")
def real_files(tmp_path_factory, real_data):
    weights = real_weights(real_data)
    return weights, write_all(tmp_path_factory.mktemp("real"), weights)


@pytest.fixture(scope="module")
def picture():
    return reshape_and_normalize_image(load_image(CONFIG.CONTENT_IMAGE, size=(48, 80)))


def refusal(path):
    """The sentence with which a file is refused."""
    with pytest.raises(WeightsError) as caught:
        read_weights(path)
    sentence = str(caught.value)
    assert "\n" not in sentence and sentence.endswith("."), sentence
    assert str(path) in sentence
    return sentence


# The same numbers from each kind of file


def test_fixtures_have_the_published_index_paths(random_files):
    weights, files = random_files
    kernel, bias = weights["conv1_1"]
    current = scipy.io.loadmat(files["matconvnet"])
    assert np.array_equal(current["layers"][0][0][0][0][2][0][0], kernel)
    assert np.array_equal(current["layers"][0][0][0][0][2][0][1].ravel(), bias)
    np.testing.assert_allclose(current["meta"]["normalization"][0][0][0][0][2][0][0], MEANS.ravel())
    beta16 = scipy.io.loadmat(files["matconvnet-beta16"])
    assert np.array_equal(beta16["layers"][0][0][0][0][0][0][0], kernel)
    assert np.array_equal(beta16["layers"][0][0][0][0][0][0][1].ravel(), bias)
    np.testing.assert_allclose(beta16["normalization"][0][0][0].mean(axis=(0, 1), dtype=float), MEANS.ravel())


def assert_same_weights(expected, path, half):
    found = read_weights(path)
    assert list(found) == list(expected)
    for layer, (kernel, bias) in found.items():
        assert kernel.dtype == bias.dtype == np.float32
        for part, array in zip((kernel, bias), expected[layer], strict=True):
            assert np.array_equal(part, array.astype(np.float16).astype(np.float32) if half else array), layer


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_gives_the_same_weights(kind, random_files):
    weights, files = random_files
    assert_same_weights(weights, files[kind], half=kind == "npz-half")


def assert_same_activations(files, picture, deepest):
    layers = ["conv1_1", "conv1_2", "avgpool1", "conv2_1", deepest]
    reference = load_vgg_model(files["npz"]).activations(picture, layers)
    for kind, path in files.items():
        found = load_vgg_model(path).activations(picture, layers)
        for layer in layers:
            scale = float(np.abs(reference[layer]).max())
            tolerance = 3e-3 if kind == "npz-half" else 1e-6
            np.testing.assert_allclose(found[layer], reference[layer], rtol=0, atol=tolerance * scale, err_msg=kind)


def test_every_kind_gives_the_same_activations(random_files, picture):
    assert_same_activations(random_files[1], picture, "conv2_1")


def test_every_kind_gives_the_real_activations(real_files, picture):
    assert_same_activations(real_files[1], picture, "conv3_4")


def test_real_conv1_1_is_a_plain_convolution(real_data, real_files):
    """Colour order, mean and padding, against SciPy and the real file's own BGR convention."""
    rgb = load_image(CONFIG.CONTENT_IMAGE, size=(32, 48))
    bgr = rgb[:, :, ::-1] - np.array([103.939, 116.779, 123.68])
    with np.load(real_data / "vgg19_conv1_1_to_conv3_4.npz") as file:
        kernel, bias = file["conv1_1/kernel"].astype(np.float64), file["conv1_1/bias"]

    def response(picture, kernel, padding="constant"):
        padded = np.pad(picture, ((1, 1), (1, 1), (0, 0)), padding)
        channels = [scipy.signal.correlate(padded, kernel[..., o], "valid", "direct")[..., 0] for o in range(64)]
        return np.maximum(np.stack(channels, axis=-1) + bias, 0)

    right = response(bgr, kernel)
    wrong = {
        "colour order": response(bgr[..., ::-1], kernel),
        "mean": response(rgb[:, :, ::-1].astype(np.float64), kernel),
        "padding": response(bgr, kernel, "symmetric"),
        "height for width": response(bgr, kernel.transpose(1, 0, 2, 3)),
    }
    for kind, path in real_files[1].items():
        activations = load_vgg_model(path).activations(reshape_and_normalize_image(rgb), ["conv1_1"])
        found = activations["conv1_1"][0].numpy()
        np.testing.assert_allclose(found, right, atol=0.5 if kind == "npz-half" else 1e-3, err_msg=kind)
        for name, other in wrong.items():
            assert np.abs(found - other).max() > 10, f"{kind}: cannot tell a wrong {name}"


def test_keras_file_is_turned_into_rgb(tmp_path):
    weights = random_weights("conv1_1")
    path = write_keras(tmp_path / "weights.h5", weights)
    with h5py.File(path) as file:
        stored = file["block1_conv1/block1_conv1_W_1:0"][()]
    assert np.array_equal(stored[:, :, 0], weights["conv1_1"][0][:, :, 2])
    assert np.array_equal(read_weights(path)["conv1_1"][0], weights["conv1_1"][0])


def test_partial_file_says_which_layers_it_lacks(random_files):
    model = load_vgg_model(random_files[1]["npz"])
    assert list(model) == ["input", "conv1_1", "conv1_2", "avgpool1", "conv2_1"]
    with pytest.raises(LayerError, match=r"has no layer conv4_2: its layers end at conv2_1; .*`make weights`\.$"):
        model["conv4_2"]


# A .mat file is large, and its convolutions are not


def test_fully_connected_layers_do_not_stay_in_memory(tmp_path):
    weights = random_weights("conv2_2")
    rng = np.random.default_rng(0)
    fc6 = ("fc6", rng.normal(size=(7, 7, 128, 800)).astype(np.float32), np.zeros(800, np.float32))
    path = write_matconvnet(tmp_path / "vgg.mat", weights, extra=[fc6])
    convolutions = sum(array.nbytes for arrays in weights.values() for array in arrays)
    assert path.stat().st_size > 20 * convolutions
    tracemalloc.start()
    try:
        for _ in ("from the .mat", "from the cache"):
            gc.collect()  # what goes meanwhile, though it was there before, would be missed below
            before = tracemalloc.get_traced_memory()[0]
            kept = read_weights(path)
            held = tracemalloc.get_traced_memory()[0] - before
            assert convolutions <= held < 1.5 * convolutions
            del kept
    finally:
        tracemalloc.stop()


@pytest.fixture
def mat(tmp_path):
    (tmp_path / "model").mkdir()
    return write_matconvnet(tmp_path / "model" / "vgg.mat", random_weights("conv1_2"))


@pytest.fixture
def mat_readings(monkeypatch):
    """How often a .mat has been read in full."""
    readings = []
    read = matconvnet.read
    monkeypatch.setattr(matconvnet, "read", lambda *args: readings.append(args) or read(*args))
    return readings


@pytest.mark.parametrize(("place", "value"), [(426, 2), (222, 128)], ids=["crash", "endless"])
def test_a_mat_that_its_reader_does_not_survive_is_refused_like_any_other(tmp_path, monkeypatch, place, value):
    monkeypatch.setattr(matconvnet, "SECONDS", 5)
    path = write_matconvnet(tmp_path / "vgg.mat", random_weights("conv1_1"))
    data = bytearray(path.read_bytes())
    data[place] = value  # found by tools/fuzz.py: SciPy reads beyond its memory, or fills all there is
    path.write_bytes(data)
    assert "is damaged" in refusal(path)


def test_second_load_comes_from_the_cache(mat, mat_readings):
    first, second = read_weights(mat), read_weights(mat)
    assert len(mat_readings) == 1
    assert sorted(p.name for p in mat.parent.iterdir()) == ["vgg.cache.npz", "vgg.mat"]
    for layer in first:
        for a, b in zip(first[layer], second[layer], strict=True):
            assert a.dtype == b.dtype and np.array_equal(a, b)


def test_stale_cache_is_rebuilt(mat, mat_readings):
    read_weights(mat)
    new = random_weights("conv1_2", seed=1)
    write_matconvnet(mat, new)
    assert np.array_equal(read_weights(mat)["conv1_2"][0], new["conv1_2"][0])
    read_weights(mat)
    assert len(mat_readings) == 2


@pytest.mark.parametrize("damage", ["truncated", "empty", "text", "flipped"])
def test_damaged_cache_is_rebuilt(mat, mat_readings, damage):
    expected = read_weights(mat)
    cache = mat.with_name("vgg.cache.npz")
    whole = cache.read_bytes()
    middle = len(whole) // 2
    cache.write_bytes(
        {
            "truncated": whole[:middle],
            "empty": b"",
            "text": b"not an archive",
            "flipped": whole[:middle] + bytes([whole[middle] ^ 0xFF]) + whole[middle + 1 :],
        }[damage]
    )
    found = read_weights(mat)
    assert len(mat_readings) == 2
    assert np.array_equal(found["conv1_2"][0], expected["conv1_2"][0])
    read_weights(mat)
    assert len(mat_readings) == 2


def test_cache_goes_to_the_users_folder_when_the_files_own_is_read_only(mat, mat_readings, own_cache_folder):
    mat.with_name("vgg.cache.npz").mkdir()  # nothing can be written under that name, not even by root
    read_weights(mat)
    read_weights(mat)
    assert len(mat_readings) == 1
    assert [p.name for p in own_cache_folder.iterdir()] == ["vgg.cache.npz"]
    assert sorted(p.name for p in mat.parent.iterdir()) == ["vgg.cache.npz", "vgg.mat"]


def test_loading_works_where_no_cache_can_be_written(mat, monkeypatch, tmp_path):
    mat.with_name("vgg.cache.npz").mkdir()
    (tmp_path / "file").write_text("")
    monkeypatch.setattr(vgg19, "USER_FOLDER", tmp_path / "file" / "below")
    assert list(read_weights(mat)) == ["conv1_1", "conv1_2"]


# Files that are no good


def test_missing_file(tmp_path):
    assert "`make weights`" in refusal(tmp_path / "nowhere.mat")


def test_folder(tmp_path):
    assert "is a folder" in refusal(tmp_path)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "is empty"),
        (b"<!DOCTYPE html><html><body>404 Not Found</body></html>", "is a web page"),
        (b"\xef\xbb\xbf\n  <html>", "is a web page"),
        (b"\x80\x04\x95pickled", "is no weights file"),
        (b"version https://git-lfs.github.com/spec/v1\n", "is no weights file"),
    ],
)
@pytest.mark.parametrize("suffix", [".mat", ".h5", ".npz"])
def test_not_weights_at_all(tmp_path, content, says, suffix):
    path = tmp_path / f"weights{suffix}"
    path.write_bytes(content)
    assert says in refusal(path)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("share", [0.001, 0.3, 0.9, 0.9999])
def test_truncated(kind, share, random_files, tmp_path):
    original = random_files[1][kind]
    whole = original.read_bytes()
    path = tmp_path / original.name
    path.write_bytes(whole[: int(len(whole) * share)])
    assert "is damaged" in refusal(path)


def vgg16(last="conv4_1"):
    weights = random_weights(last)
    del weights["conv3_4"]
    return weights


@pytest.mark.parametrize("layout", ["current", "beta16"])
def test_vgg16_of_matconvnet(tmp_path, layout):
    path = write_matconvnet(tmp_path / "imagenet-vgg-verydeep-16.mat", vgg16(), layout)
    assert "holds another network" in refusal(path)
    assert "conv3_4" in refusal(path)
    assert not path.with_name("imagenet-vgg-verydeep-16.cache.npz").exists()


def test_vgg16_of_keras(tmp_path):
    assert "found no conv3_4/kernel, conv3_4/bias among" in refusal(write_keras(tmp_path / "vgg16.h5", vgg16()))


def test_alexnet(tmp_path):
    weights = {"conv1": (np.ones((11, 11, 3, 96), np.float32), np.ones(96, np.float32))}
    sentence = refusal(write_matconvnet(tmp_path / "alexnet.mat", weights))
    assert "found no conv1_1/kernel, conv1_1/bias among conv1;" in sentence


def test_other_matlab_file(tmp_path):
    scipy.io.savemat(tmp_path / "data.mat", {"x": np.eye(3)})
    assert "without `layers`" in refusal(tmp_path / "data.mat")


def test_other_mean(tmp_path):
    path = write_matconvnet(tmp_path / "face.mat", random_weights("conv1_2"), means=(129.186, 104.762, 93.594))
    assert "mean colour (123.68, 116.779, 103.939), found (129.186, 104.762, 93.594)" in refusal(path)


def test_other_keras_network(real_data, tmp_path):
    path = tmp_path / "squeezenet.h5"
    path.write_bytes((real_data / "squeezenet1_1_notop.h5").read_bytes())
    assert "holds another network" in refusal(path)


def test_other_arrays(tmp_path):
    np.savez(tmp_path / "data.npz", x=np.eye(3))
    assert "found no conv1_1/kernel, conv1_1/bias among x;" in refusal(tmp_path / "data.npz")


@pytest.mark.parametrize(("suffix", "write"), [(".mat", write_matconvnet), (".h5", write_keras), (".npz", write_npz)])
def test_missing_bias(tmp_path, suffix, write):
    weights = random_weights("conv1_2")
    weights["conv1_2"] = weights["conv1_2"][:1]
    assert "found no conv1_2/bias among" in refusal(write(tmp_path / f"weights{suffix}", weights))


@pytest.mark.parametrize(("suffix", "write"), [(".mat", write_matconvnet), (".h5", write_keras), (".npz", write_npz)])
def test_wrong_shapes(tmp_path, suffix, write):
    weights = random_weights("conv1_2")
    weights["conv1_2"] = (np.ones((5, 5, 64, 64), np.float32), np.ones(64, np.float32))
    sentence = refusal(write(tmp_path / f"weights{suffix}", weights))
    assert "numbers of shape (3, 3, 64, 64) for conv1_2/kernel, found float32 of shape (5, 5, 64, 64)" in sentence


def test_published_formats_have_published_widths(tmp_path):
    weights = {"conv1_1": (np.ones((3, 3, 3, 16), np.float32), np.ones(16, np.float32))}
    assert "numbers of shape (3, 3, 3, 64) for conv1_1/kernel" in refusal(write_keras(tmp_path / "narrow.h5", weights))
    assert read_weights(write_npz(tmp_path / "narrow.npz", weights))["conv1_1"][0].shape == (3, 3, 3, 16)


@pytest.mark.parametrize("bad", [np.nan, np.inf])
@pytest.mark.parametrize("part", [0, 1])
def test_numbers_that_are_not_finite(tmp_path, bad, part):
    weights = random_weights("conv1_2")
    weights["conv1_2"][part].flat[3] = bad
    assert "NaN or infinity among the numbers of conv1_2" in refusal(write_npz(tmp_path / "bad.npz", weights))


def test_pickled_objects_are_refused(tmp_path):
    class Bomb:
        def __reduce__(self):
            return exec, ("raise SystemExit('unpickled')",)

    np.savez(tmp_path / "bomb.npz", **{"conv1_1/kernel": np.array([Bomb()], object), "conv1_1/bias": np.ones(1)})
    assert "is refused" in refusal(tmp_path / "bomb.npz")


def test_integers_are_refused(tmp_path):
    np.savez(tmp_path / "int.npz", **{"conv1_1/kernel": np.ones((3, 3, 3, 4), int), "conv1_1/bias": np.ones(4)})
    assert (
        "expected VGG-19 with floating-point numbers of shape (3, 3, 3, 4) for conv1_1/kernel, found int64"
        in refusal(tmp_path / "int.npz")
    )


# Which file is taken when none is named


@pytest.fixture
def course_folder(tmp_path, monkeypatch):
    monkeypatch.setattr(vgg19, "PRETRAINED", tmp_path)
    return tmp_path


def test_without_a_path_the_embedded_network_is_taken(course_folder, capsys):
    model = load_vgg_model()
    notice = capsys.readouterr().out
    assert notice.count("\n") == 1 and "vgg19-distilled.npz" in notice and "nst.weights.fetch()" in notice
    assert model["conv5_4"].shape == (1, 19, 25, 128)


@pytest.mark.parametrize("kind", ["matconvnet", "matconvnet-beta16", "keras-old"])
@pytest.mark.parametrize("where", ["course", "user"])
def test_without_a_path_the_full_network_is_taken_if_there(kind, where, course_folder, own_cache_folder, capsys):
    name = {
        "matconvnet": "imagenet-vgg-verydeep-19.mat",
        "matconvnet-beta16": "imagenet-vgg-verydeep-19-beta16.mat",
        "keras-old": "vgg19_weights_tf_dim_ordering_tf_kernels_notop.h5",
    }[kind]
    folder = course_folder if where == "course" else own_cache_folder
    KINDS[kind][1](folder / name, random_weights("conv1_1"))
    model = load_vgg_model()
    notice = capsys.readouterr().out
    assert notice.count("\n") == 1 and name in notice and "EMBEDDED" in notice
    assert model["conv1_1"].shape == (1, 300, 400, 64)


def test_damaged_full_network_is_not_passed_over(course_folder, capsys):
    (course_folder / "imagenet-vgg-verydeep-19.mat").write_bytes(b"<html>")
    with pytest.raises(WeightsError, match="is a web page"):
        load_vgg_model()


# The embedded network


def test_embedded_file(root):
    path = root / "pretrained-model" / "vgg19-distilled.npz"
    assert path == vgg19.EMBEDDED
    with np.load(path, allow_pickle=False) as file:
        assert file.files == [f"{layer}/{part}" for layer in CONVOLUTIONS for part in ("kernel", "bias")]
        assert all(file[key].dtype == np.float16 for key in file.files)
    for layer, (kernel, bias) in read_weights(path).items():
        assert kernel.dtype == bias.dtype == np.float32
        assert WIDTHS[layer] / 6 < kernel.shape[-1] < WIDTHS[layer] / 2


def test_embedded_networks_fit_into_six_megabytes():
    assert vgg19.EMBEDDED.stat().st_size + squeezenet.EMBEDDED.stat().st_size <= 6e6


@pytest.fixture(scope="module")
def course_pictures(root):
    """The course's pictures, none of which the embedded network was trained on: (pictures, 150, 200, 3)."""
    paths = sorted(path for path in (root / "images").glob("*.jpg") if not path.stem.endswith("_small"))
    return np.concatenate([reshape_and_normalize_image(load_image(path, size=(150, 200))) for path in paths])


def test_embedded_layers_weigh_about_the_same(course_pictures):
    activations = load_vgg_model(vgg19.EMBEDDED).activations(course_pictures, CONVOLUTIONS)
    for layer, activation in activations.items():
        assert 0.5 < np.mean(activation) < 3, layer
        silent = np.all(activation == 0, axis=(0, 1, 2))
        assert silent.mean() < 0.05, f"{silent.sum()} channels of {layer} never answer"


#: The most that may be left unexplained of each layer; a quarter more than what was measured.
UNEXPLAINED = {"conv1_1": 0.06, "conv2_1": 0.23, "conv3_1": 0.41, "conv3_2": 0.48}


def test_embedded_layers_explain_the_real_files(real_data, course_pictures):
    """By the best linear map, found on one half of the pictures and judged on the other."""
    layers = list(UNEXPLAINED)
    ours = load_vgg_model(vgg19.EMBEDDED).activations(course_pictures, layers)
    real = VGG(real_weights(real_data)).activations(course_pictures, layers)
    for layer, most in UNEXPLAINED.items():
        (x, x_other), (t, t_other) = (
            [half.reshape(-1, a.shape[-1]).astype(float) for half in (a.numpy()[::2], a.numpy()[1::2])]
            for a in (ours[layer], real[layer])
        )
        linear_map, *_ = np.linalg.lstsq(np.c_[x, np.ones(len(x))], t, rcond=None)
        residual = t_other - np.c_[x_other, np.ones(len(x_other))] @ linear_map
        share = np.sum(residual**2) / np.sum((t_other - t_other.mean(axis=0)) ** 2)
        assert share < most, f"{layer}: {share:.1%} unexplained"


def test_deep_layers_mind_a_moved_picture_less_than_pixels_do():
    """What the figure in section 1.3 of the first notebook shows, and the words below it say."""
    content = reshape_and_normalize_image(load_image(CONFIG.CONTENT_IMAGE))
    layers = ["input", "conv1_1", "conv4_2", "conv5_1"]
    model = load_vgg_model(vgg19.EMBEDDED)
    before, after = (model.activations(x, layers) for x in (content, np.roll(content, 4, axis=2)))
    change = {name: np.linalg.norm(after[name] - before[name]) / np.linalg.norm(before[name]) for name in layers}
    assert change["conv5_1"] < change["conv4_2"] < 0.7 * change["input"] < change["conv1_1"]
