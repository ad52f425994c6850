"""What this machine is, which tier is in force, and what is missing: ``make check``.

``python -m internlab.environment`` prints the report. It exits with status 1 if a package that the
lessons need is missing, or if a GPU is required (``INTERNLAB_REQUIRE_GPU=1``) and none is seen.
"""

from __future__ import annotations

import os
import platform
import re
import shutil
import subprocess
import sys
import textwrap
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from importlib import metadata
from pathlib import Path

from internlab import tier
from internlab.files import project_root

#: Programs that can drive the browser test, and the variable that names another.
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
BROWSER_VARIABLE = "INTERNLAB_CHROMIUM"

_LOW_MEMORY_GB = 8
_LOW_DISK_GB = 2


@dataclass(frozen=True)
class Missing:
    """Something that is not there: what, what that costs the learner, and what to do."""

    what: str
    cost: str
    remedy: str
    fatal: bool = False


@dataclass
class Report:
    """The facts as sections of (name, value) rows, and what is missing."""

    sections: dict[str, list[tuple[str, str]]] = field(default_factory=dict)
    missing: list[Missing] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        """Whether every lesson can run."""
        return not any(item.fatal for item in self.missing)


def cpu_model() -> str:
    """Return the processor's name as the operating system gives it."""
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.is_file():
        found = re.search(r"^model name\s*:\s*(.+)$", cpuinfo.read_text(), re.MULTILINE)
        if found:
            return found.group(1).strip()
    if sys.platform == "darwin":
        name = _output(["sysctl", "-n", "machdep.cpu.brand_string"])
        if name:
            return name
    return platform.processor() or platform.machine()


def cores() -> int:
    """Return how many cores this process may use, which in a container is fewer than it has."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def gpus() -> list[str]:
    """Return a line for each NVIDIA GPU that the driver sees: name, driver, memory."""
    query = ["nvidia-smi", "--query-gpu=name,driver_version,memory.total", "--format=csv,noheader"]
    lines = []
    for line in _output(query).splitlines():
        parts = [part.strip() for part in line.split(",")]
        if len(parts) == 3:
            lines.append(f"{parts[0]}, driver {parts[1]}, {parts[2]}")
    return lines


def browser() -> str | None:
    """Return the path of a Chromium or Chrome; None where there is none."""
    chosen = os.environ.get(BROWSER_VARIABLE)
    return next(filter(None, (shutil.which(name) for name in (chosen or "", *BROWSERS))), None)


def compile_obstacle(folder: Path | str = sys.prefix) -> str:
    """Return why ``torch.compile`` cannot build code for the CPU here; an empty string if it can.

    Parameters
    ----------
    folder : Path or str
        Where the environment is. PyTorch hands its headers' paths to the compiler unquoted, so a
        space in them breaks the build.
    """
    named = os.environ.get("CXX", "").split()[:1]
    if not any(shutil.which(name) for name in [*named, "g++", "clang++"]):
        return "there is no C++ compiler (g++ or clang++)"
    if " " in str(folder):
        return f"the path of the environment has a space in it: {folder}"
    return ""


def requirements(extra: str = "") -> list:
    """Return the kit's requirements that apply to this machine.

    Parameters
    ----------
    extra : str
        ``""`` for what every lesson needs, ``"gpu"`` or ``"dev"`` for what that extra adds.

    Returns
    -------
    list of packaging.requirements.Requirement
        In the order of ``pyproject.toml``.
    """
    from packaging.requirements import Requirement

    listed = [Requirement(line) for line in metadata.requires("internlab") or []]
    if not extra:
        return [r for r in listed if not r.marker or r.marker.evaluate({"extra": ""})]
    return [
        r
        for r in listed
        if r.marker and r.marker.evaluate({"extra": extra}) and not r.marker.evaluate({"extra": ""})
    ]


def installed_version(name: str) -> str | None:
    """Return the installed version of a package without importing it; None if it is missing."""
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


def check_packages(
    listed: Iterable, version: Callable[[str], str | None] = installed_version
) -> tuple[list[tuple[str, str]], list[Missing]]:
    """Compare requirements with what is installed.

    Parameters
    ----------
    listed : iterable of packaging.requirements.Requirement
    version : callable
        Takes a package's name, returns the installed version or None.

    Returns
    -------
    rows, missing
        One (name, text) per package, and a fatal `Missing` for each that is absent or too old.
    """
    rows, missing = [], []
    for requirement in listed:
        found = version(requirement.name)
        if found is None:
            rows.append((requirement.name, f"missing (needed: {requirement.specifier})"))
        elif not requirement.specifier.contains(found, prereleases=True):
            rows.append((requirement.name, f"{found} (needed: {requirement.specifier})"))
        else:
            rows.append((requirement.name, found))
            continue
        missing.append(
            Missing(
                requirement.name,
                "the lessons that import it stop there (environment.yml says which)",
                "make start, or in a conda environment: pip install -c constraints.txt -e .",
                fatal=True,
            )
        )
    return rows, missing


def explain_tier(has_gpu: bool) -> tuple[str, str]:
    """Return the tier in force and why, as (name, reason).

    Parameters
    ----------
    has_gpu : bool
        Whether PyTorch sees a CUDA device.
    """
    chosen = os.environ.get(tier.TIER_VARIABLE, "").strip().lower()
    if chosen:
        if chosen not in tier.TIERS:
            return chosen, f"not a tier: set {tier.TIER_VARIABLE} to {', '.join(tier.TIERS)}"
        if chosen == "gpu" and not has_gpu:
            return chosen, f"{tier.TIER_VARIABLE} asks for it, but PyTorch sees no GPU"
        return chosen, f"{tier.TIER_VARIABLE} asks for it"
    if has_gpu:
        return "gpu", "PyTorch sees a GPU"
    return "cpu", "PyTorch sees no GPU; training takes minutes, not seconds"


def _gpu_missing(seen: list[str], has_cuda: bool) -> list[Missing]:
    required = os.environ.get(tier.REQUIRE_GPU_VARIABLE) == "1"
    if has_cuda:
        if installed_version("tensorrt"):
            return []
        return [
            Missing(
                "tensorrt",
                "lesson 12 uses tensorrt-rtx alone, which is meant for GeForce and RTX cards",
                "make test-gpu installs it",
            )
        ]
    if seen:
        return [
            Missing(
                "CUDA in PyTorch",
                "there is a GPU, and PyTorch cannot use it: everything runs on the CPU",
                "make clean-all, then the same command; check that the driver is recent",
                fatal=required,
            )
        ]
    return [
        Missing(
            "NVIDIA GPU",
            "steps that need one are skipped by name; lesson 12 builds engines but runs none",
            "nothing: every lesson shows the same on the CPU",
            fatal=required,
        )
    ]


def _machine() -> tuple[list[tuple[str, str]], list[Missing]]:
    import psutil

    memory = psutil.virtual_memory()
    free = shutil.disk_usage(project_root()).free
    rows = [
        ("System", f"{platform.system()} {platform.release()}, {platform.machine()}"),
        ("Processor", f"{cpu_model()}, {cores()} cores"),
        ("Memory", f"{memory.total / 1e9:.0f} GB, {memory.available / 1e9:.0f} GB free"),
        ("Disk", f"{free / 1e9:.0f} GB free"),
    ]
    missing = []
    if memory.total / 1e9 < _LOW_MEMORY_GB:
        missing.append(
            Missing(
                f"{_LOW_MEMORY_GB} GB of memory",
                "lessons that compare several networks may swap and slow down",
                "close other programs; run one notebook at a time",
            )
        )
    if free / 1e9 < _LOW_DISK_GB:
        missing.append(
            Missing(
                f"{_LOW_DISK_GB} GB of free disk",
                "downloads and the scene of lesson 13 may not fit",
                "free some space; make clean deletes the caches",
            )
        )
    return rows, missing


def gather() -> Report:
    """Look at this machine and return the report. Imports PyTorch, which takes a few seconds."""
    report = Report()
    machine, lacking = _machine()
    packages, absent = check_packages(requirements())
    torch_found = installed_version("torch") is not None
    has_cuda = torch_found and tier.gpu_available()
    seen = gpus()
    machine.append(("GPU", "; ".join(seen) or "none that nvidia-smi lists"))
    name, reason = explain_tier(has_cuda)
    report.sections["This machine"] = machine
    report.sections["Python and packages"] = [("python", platform.python_version()), *packages]
    report.sections["Tier"] = [(name, reason)]
    report.missing = absent + _gpu_missing(seen, has_cuda) + lacking
    obstacle = compile_obstacle()
    if obstacle:
        report.missing.append(
            Missing(
                "torch.compile on the CPU",
                f"lesson 11 leaves one of its candidates out, because {obstacle}",
                "install g++ (Debian, Ubuntu) or the command line tools (macOS), and keep the kit "
                "in a folder without spaces in its path",
            )
        )
    if browser() is None:
        report.missing.append(
            Missing(
                "Chromium",
                "make test skips the browser test by name; lessons and labs do not need it",
                f"install chromium or Chrome, or set {BROWSER_VARIABLE} to its path",
            )
        )
    return report


def as_text(report: Report, width: int = 100) -> str:
    """Return the report as aligned lines of at most `width` characters."""
    rows = [row for section in report.sections.values() for row in section]
    indent = 2 + max(len(name) for name, _ in rows) + 2
    lines: list[str] = []
    for title, section in report.sections.items():
        lines.append(title)
        for name, value in section:
            first = f"  {name}".ljust(indent)
            lines += textwrap.wrap(
                value, width, initial_indent=first, subsequent_indent=" " * indent
            )
        lines.append("")
    lines.append("What is missing" if report.missing else "Nothing is missing.")
    for item in report.missing:
        lines.append(f"  {item.what}")
        for label, text in (("costs", item.cost), ("to do", item.remedy)):
            first = f"    {label}: "
            lines += textwrap.wrap(text, width, initial_indent=first, subsequent_indent=" " * 11)
    if not report.ok:
        lines += ["", "Some of it has to be mended first (see above)."]
    return "\n".join(lines)


def main() -> int:
    """Print the report; return the exit status."""
    report = gather()
    print(as_text(report))
    return 0 if report.ok else 1


def _output(command: list[str]) -> str:
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=True)
    except (OSError, subprocess.SubprocessError):
        return ""
    return done.stdout.strip()


if __name__ == "__main__":
    sys.exit(main())
