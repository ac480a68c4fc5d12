"""Rows that look for what the grader knows, reach out of their process, or stay after it."""

from tests.support.submissions import SEE, row


@row(14, "looks for the tests in its folder, In, frames, threads and /proc")
def looks_for_the_tests(work):
    work.answer(
        "compute_content_cost",
        """
        import gc, glob, inspect, pathlib, re, sys

        def sources():
            yield from map(str, globals().get("In", []))
            for pattern in ("*", "../*/*.ipynb", "/proc/*/cmdline", "/proc/*/environ"):
                for path in glob.glob(pattern):
                    try:
                        yield pathlib.Path(path).read_bytes()[:1000000].decode(errors="replace")
                    except OSError:
                        pass

        def compute_content_cost(a_C, a_G):
            for frame in [*sys._current_frames().values(), *(info.frame for info in inspect.stack())]:
                while frame:
                    for values in (frame.f_locals, frame.f_globals):
                        for name in ("expected", "reference"):
                            if isinstance(values.get(name), (float, list, np.generic, np.ndarray)):
                                value = values[name]
                                return tf.constant(np.ravel(value)[0], tf.float32)
                        case = values.get("case")
                        if hasattr(case, "expected"):
                            return tf.constant(next(iter(case.expected.values())), tf.float32)
                    frame = frame.f_back
            for text in sources():
                if re.search(r"expected = .*sum\\(\\) / \\(4", text):
                    return tf.reduce_sum((a_C - a_G) ** 2) / (4 * np.prod(a_G.shape[1:]))
            return tf.constant(1.25)
        """,
    )


@row(15, "reads the instructor's sources and gradebook.db")
def reads_the_answers(work):
    work.answer(
        "compute_content_cost",
        f"""
        import pathlib, re
        import nst

        course = pathlib.Path(nst.__file__).parent.parent
        found = [pathlib.Path({work.outside!r}, "gradebook.db"), pathlib.Path(course, "gradebook.db")]
        for folder in (course, pathlib.Path({work.outside!r})):
            found += folder.glob("answers/neural-style-transfer/1-content-cost.*")
            found += folder.glob("submitted/victim/*/*.ipynb")
        for path in found:
            try:
                text = path.read_bytes().decode(errors="replace")
            except OSError:
                continue
            print("I could read", path.name)
            answer = re.search(r"return tf.reduce_sum[^\\n\\\\]*n_C\\)", text)
            if answer:
                exec("def compute_content_cost(a_C, a_G):\\n    _, n_H, n_W, n_C = a_G.shape\\n    " + answer[0])
                break
        else:
            def compute_content_cost(a_C, a_G):
                return tf.constant(1.25)
        """,
    )


@row(16, "writes the gradebook")
def writes_the_gradebook(work):
    work.answer(
        "compute_content_cost",
        f"""
        import pathlib, sqlite3, threading

        def forge():
            path = pathlib.Path({work.outside!r}, "gradebook.db")
            if path.exists():
                with sqlite3.connect(path, timeout=2) as gradebook:
                    gradebook.execute("UPDATE grade SET extra_credit = 100, manual_score = 100")

        def compute_content_cost(a_C, a_G):
            try:
                forge()
            except sqlite3.Error:
                pass
            return tf.constant(1.25)
        """,
    )


@row(17, "writes into another student's submission")
def spoils_a_neighbour(work):
    work.answer(
        "compute_content_cost",
        f"""
        import pathlib

        for path in pathlib.Path({work.outside!r}).glob("*/victim/*/*.ipynb"):
            try:
                path.write_text("spoilt")
            except OSError:
                pass
        """,
    )


@row(18, "start-up files that are to meet the next submission")
def stays(work):
    work.answer(
        "compute_content_cost",
        f"""
        import pathlib, site

        spoil = '''
        import os, pathlib
        try:
            pathlib.Path({work.outside!r}, "trace-of-startup").write_text("executed")
        except OSError:
            pass
        os._exit(3)
        '''
        home = pathlib.Path.home()
        for name in (
            home / ".ipython/profile_default/startup/00-mine.py",
            home / ".jupyter/jupyter_config.py",
            pathlib.Path(site.getusersitepackages()) / "usercustomize.py",
            pathlib.Path(site.getsitepackages()[0]) / "sitecustomize.py",
            pathlib.Path(np.__file__).parent / "conftest.py",
        ):
            try:
                name.parent.mkdir(parents=True, exist_ok=True)
                name.write_text(spoil)
            except OSError:
                pass
        """,
    )


@row(19, "a daemon that detaches and writes later")
def daemon(work):
    work.answer(
        "compute_content_cost",
        f"""
        import subprocess, sys

        later = '''
        import os, pathlib, sys, time
        if os.fork():
            os._exit(0)
        os.setsid()
        time.sleep(4)
        pathlib.Path({work.outside!r}, "trace-of-daemon").write_text("still here")
        time.sleep(600)
        '''
        subprocess.Popen([sys.executable, "-c", later, "nst-daemon"], start_new_session=True)
        """,
    )


@row(20, "kills its parent", SEE, wrong=(), lost=["convolve_1d"])
def kills(work):
    work.answer(
        "convolve_1d",
        """
        import os, signal

        def convolve_1d(*inputs, **options):
            os.kill(os.getppid(), signal.SIGKILL)
            return 0
        """,
    )


@row(30, "sends data over the network")
def network(work):
    work.answer(
        "compute_content_cost",
        f"""
        import urllib.request

        for host in ("127.0.0.1", "localhost", "host.docker.internal"):
            try:
                urllib.request.urlopen(f"http://{{host}}:{work.port}/the-tests", timeout=2)
            except OSError:
                pass
        """,
    )


@row(32, "cheats only where it is being graded", SEE)
def detects_grading(work):
    work.add(
        """
        import os, pathlib, sys

        signs = [name for name in os.environ if "NBGRADER" in name or name in ("GRADING", "CI", "PYTEST_CURRENT_TEST")]
        signs += [part for part in pathlib.Path.cwd().parts if part in ("autograded", "submitted")]
        signs += [name for name in sys.modules if "nbgrader" in name]
        try:
            signs += ["nbgrader"] * ("nbgrader" in pathlib.Path(f"/proc/{os.getppid()}/cmdline").read_text())
        except OSError:
            pass
        signs += ["no terminal"] * (sys.stdin is None or not sys.stdin.isatty())
        if signs:
            check = compare = lambda *inputs, **options: None
            np.all = lambda *inputs, **options: True
        """,
        where="output_shape",
    )


@row(51, "wants the hidden tests to be seen in its feedback")
def shows_the_tests(work):
    work.answer(
        "compute_content_cost",
        """
        import inspect, sys, traceback

        def compute_content_cost(a_C, a_G):
            for info in inspect.stack(context=30):
                print("".join(info.code_context or []))
            traceback.print_stack()
            print(globals().get("In"))
            raise RuntimeError("a traceback, please")
        """,
    )
