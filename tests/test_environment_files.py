"""The package lists: one truth behind two doors, every line explained, every import declared."""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
import sysconfig
import tomllib
from importlib import metadata
from pathlib import Path

import pytest
import yaml
from packaging.markers import default_environment
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from internlab.files import project_root

ROOT = project_root()
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
CONDA_TEXT = (ROOT / "environment.yml").read_text(encoding="utf-8")
CONDA = yaml.safe_load(CONDA_TEXT)
EXTRAS = tuple(PROJECT["optional-dependencies"])
PIP_PART = next(item["pip"] for item in CONDA["dependencies"] if isinstance(item, dict))

#: Comes with a package of the list that is built on it, so it needs no line of its own.
COMES_WITH = {
    "affine": "rasterio",
    "cycler": "matplotlib",
    "docutils": "sphinx",
    "google": "onnx",  # protobuf, the format that ONNX is written in
    "ipython": "jupyterlab",
    "markdown-it-py": "jupytext",
    "nbformat": "nbclient",
    "packaging": "jupyterlab",
    "pygments": "jupyterlab",
    "protobuf": "onnx",
    "traitlets": "jupyterlab",
}


def written(requirement: Requirement) -> str:
    """One spelling for each requirement, so that quotes and spaces do not count."""
    return str(requirement).replace('"', "'")


def listed_in_pyproject(*extras: str) -> list[Requirement]:
    lines = list(PROJECT["dependencies"])
    for extra in extras:
        lines += PROJECT["optional-dependencies"][extra]
    return [Requirement(line) for line in lines]


def listed_in_conda() -> list[Requirement]:
    return [Requirement(line) for line in PIP_PART if not line.startswith("-")]


def pins() -> dict[str, Version]:
    """The tested versions that apply to this machine."""
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    requirements = [Requirement(line) for line in lines if line and not line.startswith("#")]
    return {
        canonicalize_name(r.name): Version(next(iter(r.specifier)).version)
        for r in requirements
        if not r.marker or r.marker.evaluate()
    }


def test_environment_yml_and_pyproject_list_the_same():
    assert sorted(map(written, listed_in_conda())) == sorted(
        map(written, listed_in_pyproject(*EXTRAS))
    )


def test_no_package_is_listed_twice():
    names = [canonicalize_name(r.name) for r in listed_in_pyproject(*EXTRAS)]
    assert len(set(names)) == len(names)


def test_environment_yml_names_the_python_range_and_the_kit():
    assert CONDA["name"] == PROJECT["name"]
    assert CONDA["channels"] == ["conda-forge"]
    assert f"python{PROJECT['requires-python']}" in CONDA["dependencies"]
    assert PIP_PART[0] == "-c constraints.txt"
    assert PIP_PART[-1] == "-e ."


def test_every_line_of_environment_yml_says_where_it_is_used():
    lines = CONDA_TEXT.splitlines()
    entries = lines[lines.index("dependencies:") + 1 :]
    for line in entries:
        if line.strip().startswith("- ") and line.strip() != "- pip:":
            assert re.search(r"\S  # \S.{9,}$", line), line


@pytest.mark.parametrize(
    "name",
    "jupyterlab pytorch-lightning ray albumentations onnxruntime tensorrt tensorrt-rtx".split(),
)
def test_what_the_lessons_promise_is_listed(name):
    assert name in {r.name for r in listed_in_conda()}


def test_tensorrt_is_where_it_can_be_installed():
    extras = {r.name for r in listed_in_pyproject("gpu")} - {r.name for r in listed_in_pyproject()}
    assert extras == {"tensorrt"}, "a machine without a GPU does not download TensorRT"
    rtx = next(r for r in listed_in_pyproject() if r.name == "tensorrt-rtx")
    linux = {"sys_platform": "linux", "platform_machine": "x86_64"}
    mac = {"sys_platform": "darwin", "platform_machine": "arm64"}
    assert rtx.marker.evaluate({**default_environment(), **linux})
    assert not rtx.marker.evaluate({**default_environment(), **mac})


@pytest.mark.parametrize(
    "requirement", listed_in_pyproject(*EXTRAS), ids=lambda r: canonicalize_name(r.name)
)
def test_the_lower_bound_is_what_is_tested(requirement):
    if requirement.marker and not requirement.marker.evaluate():
        return
    pin = pins()[canonicalize_name(requirement.name)]
    assert pin in requirement.specifier
    lowest = next(s.version for s in requirement.specifier if s.operator in (">=", "=="))
    given = Version(lowest).release
    assert pin.release[: len(given)] == given, f"{requirement} is tested with {pin} only"


def test_constraints_hold_versions_and_nothing_else():
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    for line in lines:
        assert line.startswith("#") or re.fullmatch(r"[a-z0-9-]+==[\w.]+( ; .+)?", line), line
    assert "torch==2.13.0" in lines


def test_the_pip_part_is_satisfied_by_the_environment_that_it_was_installed_into():
    # The whole list, by pip itself, without asking an index: anything that pip would still have to
    # fetch is an error. TensorRT proper is left out by name: it belongs to GPU machines only.
    wanted = [line for line in PIP_PART if not line.startswith(("-", "tensorrt>"))]
    assert len(wanted) == len(PIP_PART) - 3
    pip = [sys.executable, "-m", "pip", "install", "--dry-run", "--no-index", "--no-deps"]
    pip += ["-c", "constraints.txt", *wanted]
    done = subprocess.run(pip, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "Would install" not in done.stdout


def test_the_installed_versions_are_the_tested_ones():
    tested = pins()
    # Only what pip installed: once imported, setuptools puts old copies of its own on the path.
    folders = list({sysconfig.get_path("purelib"), sysconfig.get_path("platlib")})
    other = {
        name: (str(installed), str(tested[name]))
        for d in metadata.distributions(path=folders)
        if (name := canonicalize_name(d.name)) in tested
        and (installed := Version(d.version)).public != tested[name].public
    }
    assert other == {}, "(installed, tested); make clean-all and make test bring the tested ones"


def imported_names(path: Path) -> set[str]:
    names = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names.add(node.module.split(".")[0])
    return names


def test_every_import_is_of_a_listed_package():
    listed = {canonicalize_name(r.name) for r in listed_in_pyproject(*EXTRAS)}
    own = {"internlab", "authoring", "book"}
    # The last one is the repository of lesson 04, which is imported where it was copied to.
    folders = ("tools", "tests", "data/repair")
    own |= {path.stem for folder in folders for path in (ROOT / folder).rglob("*.py")}
    providers = metadata.packages_distributions()
    unknown: dict[str, set[str]] = {}
    for folder in ("src", "authoring", "book", "tests", "tools"):
        for path in (ROOT / folder).rglob("*.py"):
            for name in imported_names(path) - own - set(sys.stdlib_module_names):
                given = {canonicalize_name(d) for d in providers.get(name, [name])}
                given |= {COMES_WITH[d] for d in given if d in COMES_WITH}
                given.add(name)  # tensorrt, which this machine need not have
                if not given & listed:
                    unknown.setdefault(name, set()).add(str(path.relative_to(ROOT)))
    assert unknown == {}, "add them to pyproject.toml and environment.yml"


def test_what_graders_need_stays_out_of_the_learners_jupyterlab():
    installed = Path(sys.prefix) / "etc/jupyter/jupyter_server_config.d/nbgrader.json"
    if not installed.is_file():
        pytest.skip("nbgrader is not installed: pip install -e '.[nbgrader]'")
    settings = ROOT / "tools" / "jupyter"
    brought = json.loads(installed.read_text())["ServerApp"]["jpserver_extensions"]
    server = json.loads((settings / "jupyter_server_config.json").read_text())["ServerApp"]
    assert {name: False for name in brought}.items() <= server["jpserver_extensions"].items()
    page = json.loads((settings / "labconfig" / "page_config.json").read_text())
    assert page["disabledExtensions"] == {"@jupyter/nbgrader": True}
