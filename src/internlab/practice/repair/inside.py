"""Runs inside the process of a repository's program. It needs the standard library alone.

``python inside.py JOB`` with a job in JSON: ``paths`` (searched for modules before all else),
``more`` (searched after all else), ``script`` and ``arguments`` of the program, or ``question`` for
one of the questions at the end; ``without``: modules that are not to be had; ``only``: if not null,
the modules besides the standard library that are; ``report``: where to write what was seen.
"""

import importlib.abc
import json
import os
import runpy
import sys
import traceback


class OnlyListed(importlib.abc.MetaPathFinder):
    """Refuses every module that is neither of the standard library nor listed."""

    def __init__(self, listed):
        self.listed = {*listed, *sys.stdlib_module_names}

    def find_spec(self, name, path=None, target=None):
        top = name.partition(".")[0]
        # How Python was built is kept in a module whose name differs from system to system.
        if path is None and top not in self.listed and not top.startswith("_sysconfigdata"):
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
        return None


def main(job):
    seen = {"opened": [], "error": None, "says": "", "answer": None, "modules": []}
    sys.path[:0] = job["paths"]
    sys.path += job["more"]
    for name in job["without"]:
        sys.modules[name] = None  # importing it raises ModuleNotFoundError
    if job["only"] is not None:
        sys.meta_path.insert(0, OnlyListed(job["only"]))

    def watch(event, arguments):
        if event == "open" and isinstance(arguments[0], str):
            seen["opened"].append(os.path.abspath(arguments[0]))

    sys.addaudithook(watch)
    status = 0
    try:
        if job["script"] is not None:
            sys.argv = [os.path.basename(job["script"]), *job["arguments"]]
            runpy.run_path(job["script"], run_name="__main__")
        else:
            seen["answer"] = QUESTIONS[job["question"]](*job["arguments"])
    except SystemExit as stop:
        status = stop.code if isinstance(stop.code, int) else int(stop.code is not None)
        if isinstance(stop.code, str):
            print(stop.code, file=sys.stderr)
    except BaseException as error:
        status = 1
        seen["error"], seen["says"] = type(error).__name__, str(error)
        _print_from_the_program(error, job["paths"][0])
    sys.stdout.flush()
    seen["modules"] = sorted({name.partition(".")[0] for name, m in sys.modules.items() if m})
    text = json.dumps(seen)  # before the report is opened, which would be in it
    with open(job["report"], "w", encoding="utf-8") as stream:
        stream.write(text)
    # At once: what was started in the background must not hold the answer back.
    sys.stderr.flush()
    os._exit(status)


def _print_from_the_program(error, folder):
    """Print the traceback without the frames of this file and of runpy."""
    trace = error.__traceback__
    while trace and not trace.tb_frame.f_code.co_filename.startswith(folder):
        trace = trace.tb_next
    traceback.print_exception(type(error), error, trace or error.__traceback__)


def read_parcels(path):
    """What does `pulses.read` make of this file: belts as text, counts and their type."""
    import pulses

    belts, _, counts, _ = pulses.read(path)
    return {"belts": [str(each) for each in belts], "type": str(counts.dtype)}


def features_of(path):
    """The features of a file's parcels: from what `read` returns, and from the same as floats."""
    import numpy as np
    import pulses

    _, speeds, counts, _ = pulses.read(path)
    as_floats = np.asarray(counts).astype(float)
    return [np.asarray(pulses.features(c, speeds), float).tolist() for c in (counts, as_floats)]


def evaluate_often(times):
    """The number of one network on the same parcels, several times."""
    import evaluate
    import numpy as np
    from model import Network

    rng = np.random.default_rng(0)
    network = Network(3, 64, rng, np)
    x, grams = rng.normal(size=(40, 3)), rng.uniform(200, 2800, 40)
    network.train()
    return [float(evaluate.mean_absolute_error(network, x, grams)) for _ in range(times)]


QUESTIONS = {each.__name__: each for each in (read_parcels, features_of, evaluate_often)}

if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
