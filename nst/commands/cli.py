"""The command `nst`: one subcommand for each thing a person does outside a notebook."""

import importlib
import sys

from nst.commands.streams import demand_told, make_patient

COMMANDS = {
    "demo": ("nst.commands.demo", "paint a picture, grade the reference submission and a blank one"),
    "grade": ("nst.commands.grade", "judge the submissions of an assignment"),
    "lab": ("nst.commands.lab", "open the course in JupyterLab"),
    "paint": ("nst.commands.paint", "paint one picture in the style of another"),
    "release": ("nst.commands.release", "write the student notebooks from the answers"),
    "report": ("nst.commands.report", "what became of every submission"),
    "teach": ("nst.commands.teach", "open JupyterLab with the instructor's tools"),
    "watch": ("nst.commands.watch", "judge what students hand in as it arrives"),
    "weights": ("nst.commands.weights", "fetch the full VGG-19"),
    "worker": ("nst.commands.worker", "judge what waits in a queue, for somebody who grades on another machine"),
}


def main():
    """Run the subcommand named by the first argument with the rest of the arguments.

    What cannot be printed stops no command: it does its work, and the exit status tells of it.
    """
    make_patient()
    try:
        _run(*(sys.argv[1:] or ["--help"]))
    except KeyboardInterrupt:
        print("Interrupted.", file=sys.stderr)
        sys.exit(130)
    except SystemExit as end:
        if end.code:
            raise
    demand_told()


def _run(name, *arguments):
    if name in COMMANDS:
        importlib.import_module(COMMANDS[name][0]).main(list(arguments))
        return
    print("usage: nst COMMAND [--help]\n")
    for command, (_, summary) in COMMANDS.items():
        print(f"  {command:10s}{summary}")
    if name not in ("-h", "--help"):
        sys.exit(f"\nnst knows no command {name!r}; the commands are listed above.")


if __name__ == "__main__":
    main()
