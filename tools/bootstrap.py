"""Make the kit's environment in ``.venv``, or leave it alone if it is in order.

``make start`` and ``make test`` call this first. It needs nothing but a Python: standard library
only, and no syntax newer than Python 3.6, so that an old ``python3`` can say what is wrong.

What it guarantees: an environment without a complete stamp is never used; a failed, interrupted or
killed set-up leaves either no environment or the earlier one; two set-ups do not run at once.
"""

import argparse
import glob
import hashlib
import os
import platform
import re
import shutil
import signal
import subprocess
import sys
import time

import find_python
from environment_state import (
    Wanted,
    locked,
    package_list,
    places,
    recover,
    remove,
    why_rebuild,
    write_stamp,
)
from find_python import Problem
from run_pip import disk_is_full, failure, run_logged

ROOT = os.path.dirname(os.path.dirname(os.path.realpath(__file__)))
CPU_INDEX = "https://download.pytorch.org/whl/cpu"
INDEX_VARIABLE = "INTERNLAB_TORCH_INDEX"

# Gigabytes: (to download, on disk afterwards, free space to begin with). The CPU row is measured;
# the row with CUDA adds the sizes of the wheels that PyTorch and TensorRT bring for a GPU.
SIZES = {"cpu": (0.8, 3.3, 5), "cuda": (3.6, 9.2, 14), "wheels": (0, 3.1, 5)}


# Everything that some make command needs, so that none of them has to change an environment that
# a running JupyterLab uses.
EXTRAS = ("dev", "book", "nbgrader")


def sees_gpu():
    """Say whether the NVIDIA driver lists a GPU."""
    try:
        listed = subprocess.check_output(
            ["nvidia-smi", "-L"], stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL, timeout=30
        )
        return b"GPU " in listed
    except (OSError, subprocess.SubprocessError):
        return False


def bundled_wheels(root):
    """Return the folder of packages that a workshop bundle brings along; empty in a clone.

    Nothing else is then asked for a package, because a workshop may have no network.
    """
    folder = os.path.join(root, "wheels")
    return folder if os.path.isdir(folder) else ""


def wanted(root, gpu):
    """Return what the environment has to be on this machine."""
    if bundled_wheels(root):
        digest = hashlib.sha256(package_list(root).encode()).hexdigest()
        return Wanted(digest, (), False)
    if gpu and not sees_gpu():
        raise Problem(
            "No NVIDIA GPU is seen: nvidia-smi -L lists none.\n"
            "What to do: run this on a machine with a GPU and its driver, or use make test, which "
            "runs everything that needs none."
        )
    digest = hashlib.sha256(package_list(root).encode()).hexdigest()
    extras = EXTRAS + (("gpu",) if gpu else ())
    return Wanted(digest, extras, gpu or sees_gpu())


def check_platform():
    """Refuse the systems that the packages do not exist for, before anything is downloaded."""
    if os.name == "nt":
        raise Problem(
            "This command does not run on Windows itself.\n"
            "What to do: use it inside WSL (wsl --install), or the conda way: "
            "conda env create -f environment.yml"
        )
    if sys.platform == "darwin" and platform.machine() == "x86_64":
        raise Problem(
            "PyTorch and Ray are no longer published for Macs with an Intel processor.\n"
            "What to do: use a Mac with Apple silicon (and a native Python, not one under "
            "Rosetta), or Linux."
        )


def check_disk(where, size, outdated):
    """Refuse to begin what cannot end.

    Raises
    ------
    Problem
        If less is free than the set-up takes.
    """
    free = shutil.disk_usage(where.root).free / 1e9
    if free < size[2]:
        advice = "Free some space, then run the same command again."
        if outdated:
            advice += " make clean-all removes the outdated environment, which counts too."
        raise Problem(
            "The disk has %.1f GB free; the set-up needs %d GB (the environment takes %.1f GB, "
            "unpacking the rest).\nWhat to do: %s" % (free, size[2], size[1], advice)
        )


def torch_pin(root):
    """Return ``torch==2.13.0`` from the tested versions; empty if torch is not among them."""
    with open(os.path.join(root, "constraints.txt"), encoding="utf-8") as stream:
        found = re.search(r"^torch==[^\s;]+", stream.read(), re.MULTILINE)
    return found.group() if found else ""


def wants_cpu_index(want):
    """Return the index for PyTorch's CPU build, or an empty string where it is not needed.

    On Linux the ordinary index serves the build with CUDA, gigabytes that a machine without a GPU
    cannot use. ``INTERNLAB_TORCH_INDEX`` names a mirror, or ``none``.
    """
    index = os.environ.get(INDEX_VARIABLE, CPU_INDEX).strip()
    needed = sys.platform.startswith("linux") and not want.cuda
    return index if needed and index.lower() not in ("", "none") else ""


def install(where, want, lock):
    """Install everything into the new environment.

    Raises
    ------
    Problem
        If pip fails.
    """
    log = os.path.join(where.work, "pip.log")
    scratch = os.path.join(where.venv, "scratch")
    os.makedirs(scratch)
    pip = [os.path.join(where.venv, "bin", "python"), "-m", "pip", "install", "--no-input"]
    pip += ["--disable-pip-version-check", "--progress-bar", "off"]
    wheels = bundled_wheels(where.root)
    if wheels:
        pip += ["--no-index", "--find-links", wheels]
    index, pin = wants_cpu_index(want), torch_pin(where.root)
    if index and pin and not wheels:
        say("PyTorch, the build without CUDA")
        # From that one address and without its dependencies, so that nothing else can come from
        # there; one quick retry, because not to reach it is no failure: pip then takes the build
        # that the ordinary index has.
        command = [*pip, "--no-deps", "--retries", "1", "--timeout", "15", "--index-url", index]
        status, output = run_logged([*command, pin], log, where.root, scratch, [lock])
        if status != 0 and disk_is_full(output):
            raise failure("Installing PyTorch", output, log)
        if status != 0:
            say("  not to be had at %s;" % index)
            say("  going on with the ordinary build, about %.0f GB more" % extra_gigabytes())
            check_disk(where, SIZES["cuda"], False)
    say("the packages")
    command = [*pip, "-c", os.path.join(where.root, "constraints.txt")]
    command += ["-e", ".[%s]" % ",".join(want.extras) if want.extras else "."]
    status, output = run_logged(command, log, where.root, scratch, [lock])
    if status != 0:
        raise failure("Installing the packages", output, log)
    shutil.rmtree(scratch, ignore_errors=True)


def has_cpu_build(venv):
    """Say whether the installed PyTorch calls itself a CPU build (version 2.13.0+cpu)."""
    packages = os.path.join(glob.escape(venv), "lib", "python*", "site-packages")
    return bool(glob.glob(os.path.join(packages, "torch-*+cpu.dist-info")))


def extra_gigabytes():
    """Return how much more the build with CUDA takes to download."""
    return SIZES["cuda"][0] - SIZES["cpu"][0]


_began = time.monotonic()


def say(text):
    """Print one line of progress with the seconds so far."""
    print("  %4.0f s  %s" % (time.monotonic() - _began, text), flush=True)


def make(where, want, python, lock):
    """Make the environment at its final name, with the outdated one set aside meanwhile.

    A virtual environment holds its own absolute path, so it cannot be made elsewhere and renamed.
    """
    with open(os.path.join(where.work, "pip.log"), "w", encoding="utf-8"):
        pass
    if os.path.lexists(where.venv):
        os.rename(where.venv, where.previous)
    try:
        os.mkdir(where.venv)
        write_stamp(where.venv, state="building")
        say("an empty environment with Python %s (%s)" % (python.text, python.path))
        log = os.path.join(where.work, "pip.log")
        command = [python.path, "-m", "venv", where.venv]
        status, output = run_logged(command, log, where.root, where.venv, [lock])
        if status != 0:
            raise failure("Making an empty environment", output, log)
        install(where, want, lock)
        write_stamp(
            where.venv,
            state="complete",
            digest=want.digest,
            extras=list(want.extras),
            cuda=want.cuda or not has_cpu_build(where.venv),
            location=os.path.realpath(where.venv),
            python_path=os.path.realpath(os.path.join(where.venv, "bin", "python")),
            python_version=python.text,
        )
    except BaseException:
        # Ctrl-C and a polite kill included; a rude one is tidied up by the next set-up.
        remove(where, where.venv)
        if os.path.lexists(where.previous):
            os.rename(where.previous, where.venv)
        raise
    remove(where, where.previous)
    say("done")


def ensure(root, gpu=False):
    """Make the environment unless it is in order."""
    where, want = places(root), wanted(root, gpu)
    if not why_rebuild(where.venv, want) and not os.path.lexists(where.previous):
        return
    check_platform()
    with open(os.path.join(root, "pyproject.toml"), encoding="utf-8") as stream:
        lowest, too_new = find_python.supported_range(stream.read())
    python = find_python.choose(lowest, too_new)
    with locked(where) as lock:
        recover(where)
        reason = why_rebuild(where.venv, want)
        if not reason:
            return
        outdated = os.path.lexists(where.venv)
        wheels = bundled_wheels(root)
        size = SIZES["wheels" if wheels else "cuda" if want.cuda else "cpu"]
        check_disk(where, size, outdated)
        print("Making the environment in .venv: %s." % reason)
        load = "Nothing to download" if wheels else "About %.1f GB to download" % size[0]
        print("%s, %.1f GB on disk; it takes some minutes, once." % (load, size[1]), flush=True)
        make(where, want, python, lock)


def conda_environment():
    """Return the active conda environment if it is the kit's own, else an empty string."""
    prefix = os.environ.get("CONDA_PREFIX", "")
    return prefix if os.path.basename(prefix) == "internlab" else ""


def _stop(signum, frame):
    raise KeyboardInterrupt


def main(arguments=None):
    """Run the command; return its exit status."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--gpu", action="store_true", help="with TensorRT; needs an NVIDIA GPU")
    options = parser.parse_args(arguments)
    if conda_environment():
        print("Using the active conda environment %s." % conda_environment())
        return 0
    for name in ("SIGTERM", "SIGHUP"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), _stop)
    try:
        ensure(ROOT, options.gpu)
        return 0
    except Problem as problem:
        print("\nThe environment could not be set up.\n%s" % problem, file=sys.stderr)
    except KeyboardInterrupt:
        print("\nStopped. Nothing half-made is left behind.", file=sys.stderr)
        return 130
    except OSError as error:
        print("\nThe environment could not be set up: %s" % error, file=sys.stderr)
    if not os.path.lexists(places(ROOT).venv):
        print("No environment is left behind.", file=sys.stderr)
    else:
        print("The earlier environment is as it was.", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
