"""The whole course in one command: a picture painted, a full submission and a blank one graded."""

import argparse
import sys
import tempfile
import time

import numpy as np

from nst.course.answers import ASSIGNMENT, reference_solution
from nst.course.rehearsal import Course
from nst.course.release import demand_answers
from nst.grading.points import by_exercise, total
from nst.grading.walls.sandbox import available
from nst.networks.vgg import load_vgg_model
from nst.painting import Monitor
from nst.paths import IMAGES
from nst.pictures import generate_noise_image, load_image, reshape_and_normalize_image


def paint_the_default_pair(iterations):
    """Paint with the reference solution; return the file and the total costs before and after."""
    make_costs, model_nn, total_cost = reference_solution(load_vgg_model())
    content_image = load_image(IMAGES / "pyramid_small.jpg")
    content = reshape_and_normalize_image(content_image)
    style = reshape_and_normalize_image(load_image(IMAGES / "impressionist.jpg", size=content_image.shape[:2]))
    costs = make_costs(content, style)
    start = generate_noise_image(content, rng=np.random.default_rng(3))
    with Monitor(iterations) as monitor:
        model_nn(costs, start, num_iterations=iterations, callback=monitor)
    before, after = (float(total_cost(*costs(picture))) for picture in (start, monitor.picture))
    return monitor.folder / "generated_image.jpg", before, after


def grade_two_submissions():
    """Grade the reference submission and a blank one in a throw-away course; return their points."""
    reason = available()
    if reason:
        print(f"{reason} These two submissions are the course's own, so they run without one.")
    with tempfile.TemporaryDirectory() as folder:
        course = Course(folder, ASSIGNMENT, unsafe=bool(reason))
        results = {}
        for student, step in (("reference", "answers"), ("blank", "notebooks")):
            course.submit(student, course.notebooks(step))
            course.autograde(student)
            points = course.points(student)
            results[student] = total(points)
            print(f"\n{student} submission")
            for exercise, (got, possible) in by_exercise(points).items():
                print(f"  {exercise:26s} {got:4g} of {possible:g}")
    return results


def main(arguments=None):
    """`nst demo`: paint a picture, then grade the reference submission and a blank one."""
    parser = argparse.ArgumentParser(prog="nst demo", description=main.__doc__)
    parser.add_argument("--iterations", type=int, default=200, help="how long to paint (default: 200)")
    options = parser.parse_args(arguments)
    demand_answers("nst demo")
    if options.iterations < 1:
        sys.exit(f"--iterations should be 1 or more, and it is {options.iterations}; 200 is usual.")

    began = time.monotonic()
    print("1. Painting a picture\n")
    path, first, last = paint_the_default_pair(options.iterations)
    print("\n2. Grading two submissions with nbgrader, about twenty seconds each")
    results = grade_two_submissions()

    print(f"\nPainted picture         {path}")
    print(f"Cost at iteration 0     {first:.4e}")
    print(f"Cost at the end         {last:.4e}")
    for student, (got, possible) in results.items():
        print(f"{student.capitalize() + ' submission':23s} {got:g} of {possible:g} points")
    print(f"Time                    {time.monotonic() - began:.0f} s")
    if results["reference"][0] != results["reference"][1] or results["blank"][0] != 0 or last >= first:
        sys.exit("This is not what the course promises: expected full marks, zero marks and a falling cost.")
