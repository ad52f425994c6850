"""The environment's stamp, its lock, and what to do about one that was left half-made.

Standard library only, and no syntax newer than Python 3.6 (see find_python.py).
"""

import contextlib
import json
import os
import shutil
from typing import NamedTuple

from find_python import Problem

STAMP = "internlab-setup.json"


class Wanted(NamedTuple):
    """What the environment has to be."""

    digest: str  # sha256 over the package lists
    extras: tuple  # of pyproject.toml, e.g. ("dev",)
    cuda: bool  # whether PyTorch has to be the build with CUDA


class Places(NamedTuple):
    """Where things are, all below the kit's folder."""

    root: str
    venv: str
    previous: str  # an outdated environment, set aside while its successor is made
    doomed: str  # on its way to deletion
    work: str  # lock and log


def places(root):
    """Return the `Places` below a folder."""
    venv = os.path.join(root, ".venv")
    work = os.path.join(root, ".cache", "setup")
    return Places(root, venv, venv + "-previous", venv + "-removing", work)


def package_list(root):
    """Return the text that decides what is installed.

    That is the project table of ``pyproject.toml`` and the tested versions. Tool settings and
    comments are left out: a new lint rule is no reason to install everything again.
    """
    kept, inside_tools = [], False
    with open(os.path.join(root, "pyproject.toml"), encoding="utf-8") as stream:
        for line in stream:
            if line.startswith("["):
                inside_tools = line.startswith("[tool.")
            if not inside_tools and line.strip() and not line.lstrip().startswith("#"):
                kept.append(line.strip())
    with open(os.path.join(root, "constraints.txt"), encoding="utf-8") as stream:
        kept += [x.strip() for x in stream if x.strip() and not x.lstrip().startswith("#")]
    return "\n".join(kept)


def read_stamp(venv):
    """Return the stamp of an environment as a dict; empty where there is none or it is damaged."""
    try:
        with open(os.path.join(venv, STAMP), encoding="utf-8") as stream:
            stamp = json.load(stream)
        return stamp if isinstance(stamp, dict) else {}
    except (OSError, ValueError):
        return {}


def write_stamp(venv, **content):
    """Write the stamp in one step, so that a half-written one never counts."""
    path = os.path.join(venv, STAMP)
    with open(path + ".new", "w", encoding="utf-8") as stream:
        json.dump(content, stream, indent=1)
    os.replace(path + ".new", path)


def why_rebuild(venv, want):
    """Return why the environment cannot be used as it is; an empty string if it can."""
    if not os.path.lexists(venv):
        return "there is none yet"
    stamp = read_stamp(venv)
    if stamp.get("state") == "building":
        return "an earlier set-up did not finish"
    if stamp.get("state") != "complete":
        return "the .venv here was not made by this command"
    if stamp.get("location") != os.path.realpath(venv):
        return "the folder was moved or copied, and an environment cannot be"
    python = os.path.join(venv, "bin", "python")
    if not os.access(python, os.X_OK) or os.path.realpath(python) != stamp.get("python_path"):
        return "the Python it was made with is gone or another version now"
    if stamp.get("digest") != want.digest:
        return "the package list has changed"
    missing = [name for name in want.extras if name not in stamp.get("extras", [])]
    if missing:
        return "it lacks the packages for: " + ", ".join(missing)
    if want.cuda and not stamp.get("cuda"):
        return "there is a GPU now, and its PyTorch is a build without CUDA"
    return ""


@contextlib.contextmanager
def locked(where):
    """Hold the set-up's lock; wait if another set-up of the same folder holds it."""
    import fcntl  # not on Windows, which check_platform has refused

    os.makedirs(where.work, exist_ok=True)
    with open(os.path.join(where.work, "lock"), "a") as stream:
        try:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print("Another set-up of this folder is at work (or a killed one's pip still is); ")
            print("waiting for it. Ctrl-C stops the waiting.", flush=True)
            fcntl.flock(stream, fcntl.LOCK_EX)
        yield stream.fileno()


def remove(where, folder):
    """Delete an environment. It loses its name first, so that none is ever half there."""
    for name in (where.doomed, folder):
        if os.path.lexists(name):
            try:
                if name != where.doomed:
                    os.rename(name, where.doomed)
                if os.path.islink(where.doomed) or not os.path.isdir(where.doomed):
                    os.unlink(where.doomed)
                else:
                    shutil.rmtree(where.doomed)
            except OSError as error:
                text = "%s cannot be deleted (%s). Delete it by hand." % (name, error)
                raise Problem(text) from error


def recover(where):
    """Tidy up after a set-up that was killed: bring the earlier environment back, if any."""
    remove(where, where.doomed)
    if os.path.lexists(where.previous):
        if read_stamp(where.venv).get("state") == "complete":
            remove(where, where.previous)
        else:
            remove(where, where.venv)
            os.rename(where.previous, where.venv)
    elif read_stamp(where.venv).get("state") == "building":
        remove(where, where.venv)
