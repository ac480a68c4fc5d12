"""Train the two small networks that come with the course: a slim VGG-19 and SqueezeNet 1.1.

Both students start from random weights and learn, from pictures alone and without a label, to see what large
networks see (knowledge distillation; Romero et al., "FitNets: Hints for Thin Deep Nets", 2015). Each of a student's
layers is read by a linear 1×1 map that predicts a teacher's layer, and the student is changed so that the best such map
leaves less of the teacher's variance unexplained. The best map is the solution of a least-squares problem, so it is
solved for at every step rather than learnt, and it is thrown away at the end.

A linear map may stretch some directions and shrink others, and then a student that explains everything would still
weigh a style differently. So a second term compares inner products: that of the features at two positions should be the
same in student and teacher, up to one factor a layer. Two networks with equal inner products have equal style costs,
because a distance of Gram matrices is made of squared inner products alone (Li et al., "Demystifying Neural Style
Transfer", 2017, equation 6).

Teachers are VGG-19, for every layer the file has, and SqueezeNet, for those it has not: fire4 and fire5 stand in for
conv4, fire6 to fire9 for conv5. Photographs are cropped, flipped, recoloured and blended with noise, since paintings
begin with noise. Now and then the students paint, and what they paint is looked at by the teachers too: pictures on
which a half-trained network is easily fooled.

    python tools/training/distil.py --photos FOLDER --vgg FILE --squeezenet FILE

trains on whatever device TensorFlow finds, writes a log and a checkpoint into --work, continues from there when called
again, and at the end writes both files into pretrained-model/. A VGG-19 file with all layers needs no stand-in, so
`--students vgg` trains that student from it alone. On Linux, glibc gives large blocks of memory back after every step
and asks for them again at the next; forbidding it saved two fifths of the time here:

    export MALLOC_MMAP_MAX_=0 MALLOC_TRIM_THRESHOLD_=1000000000000 MALLOC_TOP_PAD_=268435456
"""

import argparse
import json
import time
from pathlib import Path

import numpy as np

from nst.paths import PRETRAINED
from nst.weights.files import WeightsError
from tools.training import settings
from tools.training.export import export
from tools.training.photographs import centre_crops, find_photos, read_photos
from tools.training.school import School
from tools.training.teachers import Teachers

BUFFER = 1536  # crops whose teacher features are kept; each is used several times before it is replaced


def print_bounds(options):
    """What is left of each teacher's layer by its best summary in so many channels, on the photographs held out.

    The summary is a principal component analysis: no student of that width, read by a linear map, can leave less.
    """
    teachers = Teachers(options.vgg, options.squeezenet)
    crops = centre_crops(read_photos(find_photos(options.photos)[1]))
    parts = [teachers.features(crops[start : start + settings.BATCH]) for start in range(0, len(crops), settings.BATCH)]
    widths = [8, 12, 16, 24, 32, 48, 64, 96, 128]
    print(f"{'':20s}" + "".join(f"{width:8d}" for width in widths))
    for name in sorted(parts[0]):
        rows = np.concatenate([part[name].numpy().reshape(-1, part[name].shape[-1]) for part in parts]).astype(float)
        spread = np.linalg.eigvalsh(np.cov(rows.T))[::-1]
        left = 1 - np.cumsum(spread) / spread.sum()
        print(f"{name:20s}" + "".join(f"{left[width - 1]:8.1%}" for width in widths if width <= len(left)))


def train(options):
    """Train from scratch, or go on from the checkpoint in options.work; write the weights at the end."""
    if options.steps < 2 or options.buffer < 2 * settings.BATCH:
        raise SystemExit(
            f"--steps should be 2 or more and --buffer {2 * settings.BATCH} or more; leave them out for the usual."
        )
    school = School(options)
    work = Path(options.work)
    for folder in (work, options.output):
        folder.mkdir(parents=True, exist_ok=True)
    checkpoint = work / "checkpoint.npz"
    if checkpoint.exists():
        school.load(checkpoint)
        print(f"Going on from step {school.step}.", flush=True)
    began, first, losses = time.monotonic(), school.step, []
    saved = began
    while school.step < options.steps:
        losses.append(school.one_step())
        last = school.step == options.steps
        if school.step % options.log_every == 0 or last:
            seconds = (time.monotonic() - began) / (school.step - first)
            row = {"step": school.step, "seconds_per_step": round(seconds, 3), "rate": school.rate()}
            row |= {"loss": np.mean(losses, axis=0).round(4).tolist(), "held_out": school.measure()}
            losses = []
            with (work / "log.jsonl").open("a") as file:
                file.write(json.dumps(row) + "\n")
            left = seconds * (options.steps - school.step) / 60
            print(f"step {school.step}: loss {row['loss']}, {seconds:.2f} s a step, {left:.0f} minutes left")
            for name, pairs in row["held_out"].items():
                print(f"  {name}: " + ", ".join(f"{p} {u:.1%} ({m:.1%})" for p, (u, m) in pairs.items()), flush=True)
        if last or time.monotonic() - saved > 60 * options.save_minutes:
            school.save(checkpoint)
            export(school, work)
            saved = time.monotonic()
    export(school, options.output)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--photos", type=Path, required=True, help="a folder of photographs")
    parser.add_argument("--vgg", type=Path, required=True, help="a file of VGG-19's weights; an .npz must take RGB")
    parser.add_argument("--squeezenet", type=Path, help="SqueezeNet 1.1's weights in Keras's layout")
    parser.add_argument("--students", nargs="+", choices=["vgg", "squeezenet"], default=["vgg", "squeezenet"])
    parser.add_argument("--steps", type=int, default=5000)
    parser.add_argument("--rate", type=float, default=3e-3, help="the highest learning rate (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=19)
    parser.add_argument("--buffer", type=int, default=BUFFER, help="crops kept; 2.1 MB each (default: %(default)s)")
    parser.add_argument("--log-every", type=int, default=250)
    parser.add_argument("--save-minutes", type=float, default=10)
    parser.add_argument("--work", type=Path, default=Path("distil"), help="for log and checkpoint")
    parser.add_argument("--output", type=Path, default=PRETRAINED, help="for the weights (default: %(default)s)")
    parser.add_argument("--bounds", action="store_true", help="print what no student of a width can explain, and stop")
    options = parser.parse_args()
    try:
        (print_bounds if options.bounds else train)(options)
    except WeightsError as error:
        raise SystemExit(str(error)) from None


if __name__ == "__main__":
    main()
