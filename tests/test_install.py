"""The course as an installed package: built as a wheel, unpacked elsewhere, used with no clone around."""

import os
import subprocess
import sys
import zipfile

import pytest

pytestmark = pytest.mark.slow

USE = """
from pathlib import Path
import nst, nst_utils
from nst import paths
from nst.checks import fast_style_transfer, neural_style_transfer
from nst.quiet import tf
from nst.networks.squeezenet import load_image, load_squeezenet, preprocess

assert "site" in nst.__file__ and "site" in nst_utils.__file__, (nst.__file__, nst_utils.__file__)
assert paths.CHECKOUT is None
def gram_matrix(A): return tf.matmul(A, A, transpose_b=True)
neural_style_transfer.check(gram_matrix)
def content_loss(w, F, P): return w * tf.reduce_sum((F - P) ** 2)
fast_style_transfer.check(content_loss)
model = nst_utils.load_vgg_model()
content = nst_utils.reshape_and_normalize_image(nst_utils.load_image(paths.IMAGES / "pyramid_small.jpg"))
print(model.activations(content, ["conv4_2"])["conv4_2"].shape)
lake = preprocess(load_image(paths.IMAGES / "lake.jpg", 96))
print(load_squeezenet().activations(lake, ["fire2"])["fire2"].shape)
assert paths.OUTPUT == Path.cwd() / "output"
"""


@pytest.fixture(scope="module")
def wheel(root, tmp_path_factory):
    folder = tmp_path_factory.mktemp("wheel")
    pip = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation"]
    subprocess.run([*pip, "--wheel-dir", folder, root], check=True, capture_output=True)
    (path,) = folder.glob("*.whl")
    return path


def test_the_wheel_has_what_notebooks_import_and_nothing_private(wheel):
    names = zipfile.ZipFile(wheel).namelist()
    top = {name.split("/")[0] for name in names if "dist-info" not in name and ".data/" not in name}
    assert top == {"nst", "nst_utils.py"}
    # Where JupyterLab looks for extensions, and IPython for settings, once the wheel is installed.
    extension = "data/share/jupyter/labextensions/neural-style-transfer-course"
    settings = "data/etc/ipython/ipython_kernel_config.py"
    shared = {name.partition(".data/")[2] for name in names if ".data/" in name}
    assert shared == {f"{extension}/package.json", f"{extension}/static/remoteEntry.js", settings}
    assert "nst/commands/jupyter/student/labconfig/page_config.json" in names
    assert "nst/_data/images/pyramid_small.jpg" in names
    assert "nst/_data/pretrained-model/vgg19-distilled.npz" in names
    assert "nst/_data/pretrained-model/squeezenet1_1-distilled.npz" in names
    assert "nst/checks/reference/neural-style-transfer.json" in names
    assert "nst/checks/reference/fast-style-transfer.json" in names
    assert [name for name in names if "answers/" in name or name.endswith((".mat", ".h5"))] == []


def test_an_installed_course_works_from_any_folder(wheel, tmp_path):
    zipfile.ZipFile(wheel).extractall(tmp_path / "site")
    (tmp_path / "work").mkdir()
    environment = os.environ | {"PYTHONPATH": str(tmp_path / "site"), "NST_OUTPUT": ""}
    done = subprocess.run(
        [sys.executable, "-c", USE], cwd=tmp_path / "work", env=environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert "(1, 38, 50, 96)" in done.stdout
    assert "(1, 23, 31, 128)" in done.stdout
