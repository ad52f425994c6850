"""Run pip quietly, keep its log, and explain a failure in words.

Standard library only, and no syntax newer than Python 3.6 (see find_python.py).
"""

import os
import re
import subprocess
import sys

from find_python import Problem

# pip's own log is long; these are the lines that a person wants to see last.
LAST_LINES = 15

_NETWORK = re.compile(
    r"NameResolutionError|NewConnectionError|ConnectTimeoutError|ReadTimeoutError|ConnectionReset"
    r"|Temporary failure in name resolution|Network is unreachable|Connection refused"
    r"|Could not fetch URL|SSLError|ProxyError|HTTP error 5\d\d|IncompleteRead|ProtocolError"
)
_FULL = re.compile(r"No space left on device|Errno 28\]|Disk quota exceeded|Errno 122\]")
_NO_MATCH = re.compile(r"No matching distribution found for (.+)")
_DOWNLOAD = re.compile(r"Downloading (?:\S*/)?([A-Za-z0-9_.]+?)-\d\S* \(([\d.]+ [kMG]B)\)")


def disk_is_full(log):
    """Say whether a log complains of a full disk."""
    return bool(_FULL.search(log))


def explain(log):
    """Return one paragraph on why pip failed, from its log."""
    if disk_is_full(log):
        return "The disk is full. Free some space, then run the same command again."
    if "placeholder package which downloads a real wheel" in log:
        return (
            "TensorRT's libraries come from NVIDIA's own package index, which could not be "
            "reached. Check the network, or use make test, which runs everything that needs no GPU."
        )
    missing = _NO_MATCH.search(log)
    if _NETWORK.search(log):
        return (
            "The package index could not be reached. Check the network (behind a proxy: "
            "HTTPS_PROXY), then run the same command again; what was fetched is not fetched twice "
            "where pip keeps a cache."
        )
    if missing:
        return (
            "pip found no build of %s for this machine and this Python. The packages of the kit "
            "exist for Linux with glibc 2.28 or newer on x86-64 and glibc 2.35 or newer on ARM64, "
            "and for macOS 14 or newer on Apple silicon. With PIP_NO_INDEX or a private index "
            "set, that index lacks it; a workshop bundle has it only for the machines that its "
            "README names." % missing.group(1).strip()
        )
    if "ResolutionImpossible" in log or "conflicting dependencies" in log:
        return (
            "No set of versions fits both pyproject.toml and constraints.txt. After a change to "
            "pyproject.toml run: make lock. If neither was changed, the package index does not "
            "have one of those versions, or could not be reached."
        )
    if re.search(r"Permission denied|Errno 13\]", log):
        return "A file could not be written for want of permission. Own the kit's folder, not root."
    return "pip failed for a reason that its last lines tell."


def environment(temporary):
    """Return the variables for pip: the person's own, less what would misdirect the install.

    Parameters
    ----------
    temporary : str
        Folder for unpacking, on the same file system as the environment, so that a small ``/tmp``
        does not fill up and the check of free space beforehand means something.
    """
    variables = {
        name: value
        for name, value in os.environ.items()
        if name not in ("PYTHONHOME", "PYTHONPATH", "PIP_TARGET", "PIP_PREFIX", "PIP_ROOT")
    }
    variables.update(TMPDIR=temporary, PIP_USER="0", PYTHONUNBUFFERED="1")
    return variables


def _show(text):
    """Overwrite the current line of a terminal; elsewhere show nothing."""
    if sys.stdout.isatty():
        sys.stdout.write("\r\033[K" + text[:78])
        sys.stdout.flush()


def run_logged(command, log_path, folder, temporary, hold=()):
    """Run a command, append its output to a log, and return (exit status, output).

    Parameters
    ----------
    command : list of str
    log_path : str
    folder : str
        Where the command runs.
    temporary : str
        See `environment`.
    hold : sequence of int
        File descriptors that the command inherits. The set-up's lock is one: if the set-up is
        killed outright, its pip may still be writing, and the next set-up must wait for it.
    """
    lines = []
    process = subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        cwd=folder,
        env=environment(temporary),
        pass_fds=tuple(hold),
    )
    try:
        with open(log_path, "a", encoding="utf-8") as log:
            log.write("$ %s\n" % " ".join(command))
            for raw in process.stdout:
                line = raw.decode("utf-8", "replace")
                lines.append(line)
                log.write(line)
                fetched = _DOWNLOAD.search(line)
                if fetched:
                    _show("        fetching %s (%s)" % fetched.groups())
                elif line.startswith("Installing collected packages"):
                    _show("        unpacking %d packages" % (line.count(",") + 1))
        return process.wait(), "".join(lines)
    finally:
        _show("")
        if process.poll() is None:
            process.terminate()
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        process.stdout.close()


def failure(what, output, log_path):
    """Return the `Problem` for a failed step: the reason, pip's last lines, where the log is."""
    last = [line.rstrip()[:160] for line in output.splitlines() if line.strip()][-LAST_LINES:]
    return Problem(
        "%s failed. %s\n\nThe last lines of its log (all of it: %s):\n%s"
        % (what, explain(output), os.path.relpath(log_path), "\n".join("  | " + x for x in last))
    )
