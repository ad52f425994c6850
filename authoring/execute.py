"""Run notebooks: lessons to refresh their stored outputs, all of them in the tests."""

from __future__ import annotations

import base64
import copy
import io
import json
import os
import re
import tempfile
import time
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError
from nbformat import NotebookNode

from authoring.notebook_file import as_text
from internlab.files import atomic_write, project_root

MAX_BYTES = 500_000
TIMING_TAG = "timing"
# A drawing has few colours; a photograph, which has many, would be off by more than this.
PALETTES, MOST_OFF = (64, 128, 256), 2.0
# A small patch, such as a legend's square, gets a larger palette where it is off by more.
MOST_OFF_IN_A_PATCH, PATCH = 8, 5  # of 255; pixels


def run(notebook: NotebookNode, folder: Path, tier: str, timeout: float = 1800) -> NotebookNode:
    """Execute a notebook in place, in a fresh kernel, with notes kept out of the learner's folder.

    Parameters
    ----------
    notebook : NotebookNode
        Its outputs are replaced.
    folder : Path
        The working directory of the kernel, where the notebook lives.
    tier : str
        ``"smoke"``, ``"cpu"`` or ``"gpu"``.
    timeout : float
        Seconds for one cell.

    Raises
    ------
    CellExecutionError
        If a cell raises.
    """
    with tempfile.TemporaryDirectory() as notes:
        environment = {
            **os.environ,
            "INTERNLAB_TIER": tier,
            "INTERNLAB_NOTES": notes,
            "OMP_NUM_THREADS": os.environ.get("OMP_NUM_THREADS", "1"),
            # Cards in committed outputs show the paraphrase only, never the original lines.
            "INTERNLAB_INTERVIEWS": "",
        }
        client = NotebookClient(
            notebook, timeout=timeout, kernel_name="python3", resources={"metadata": {}}
        )
        client.resources["metadata"]["path"] = str(folder)
        client.execute(env=environment)
    return notebook


def execute_lesson(path: Path) -> None:
    """Run a lesson on the CPU tier and store its outputs, cleaned for version control.

    Raises
    ------
    ValueError
        If an output holds a path of this machine, or the notebook exceeds 500 kB.
    """
    print(f"running {path.name} ...", flush=True)
    start = time.monotonic()
    notebook = nbformat.read(path, as_version=4)
    metadata = copy.deepcopy(notebook.metadata)
    try:
        run(notebook, path.parent, tier="cpu")
    except CellExecutionError as error:
        raise SystemExit(f"{path.name} failed:\n{error}") from error
    # The kernel writes its Python version into the metadata; the build knows nothing of that.
    notebook.metadata = metadata
    clean(notebook)
    found = machine_paths(notebook)
    if found:
        raise ValueError(f"{path.name}: outputs hold paths of this machine: {found[:3]}")
    text = as_text(notebook)
    size = len(text.encode("utf-8"))
    if size > MAX_BYTES:
        raise ValueError(f"{path.name} is {size} bytes, at most {MAX_BYTES}: make figures smaller.")
    with atomic_write(path) as temporary:
        temporary.write_text(text, encoding="utf-8")
    print(f"  {size / 1000:.0f} kB, {time.monotonic() - start:.0f} s", flush=True)


def clean(notebook: NotebookNode) -> None:
    """Remove what changes with every run and means nothing to a reader."""
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)
        if cell.cell_type != "code":
            continue
        kept: list[NotebookNode] = []
        for output in cell.outputs:
            # Progress bars and library warnings are for the person who runs the cell.
            if output.output_type == "stream" and output.name == "stderr":
                continue
            if output.get("data", {}).get("text/html") == "":
                continue  # Ray Tune displays an empty line for each search, told to be quiet
            same_stream = (
                kept
                and output.output_type == "stream"
                and kept[-1].output_type == "stream"
                and kept[-1].name == output.name
            )
            if same_stream:
                # How a kernel splits a stream into messages is chance.
                kept[-1].text += output.text
            else:
                kept.append(output)
            if "image/png" in output.get("data", {}):
                output.data["image/png"] = with_palette(output.data["image/png"])
        cell.outputs = kept


def with_palette(encoded: str) -> str:
    """Return a PNG with a palette of its own colours, a quarter of the size; a photograph as is.

    Parameters
    ----------
    encoded : str
        The PNG in base64, as a notebook holds it.
    """
    from PIL import Image, ImageChops, ImageFilter, ImageStat

    picture = Image.open(io.BytesIO(base64.b64decode(encoded)))
    if picture.mode == "RGBA" and picture.getextrema()[3] == (255, 255):
        picture = picture.convert("RGB")
    if picture.mode != "RGB":
        return encoded
    method, dither = Image.Quantize.MEDIANCUT, Image.Dither.NONE
    for colours in PALETTES:
        reduced = picture.quantize(colours, method=method, dither=dither)
        difference = ImageChops.difference(picture, reduced.convert("RGB"))
        if max(ImageStat.Stat(difference).mean) >= MOST_OFF:
            return encoded
        in_patches = difference.filter(ImageFilter.BoxBlur(PATCH // 2))
        if max(high for _, high in in_patches.getextrema()) <= MOST_OFF_IN_A_PATCH:
            break
    buffer = io.BytesIO()
    reduced.save(buffer, "png", optimize=True)
    smaller = base64.b64encode(buffer.getvalue()).decode("ascii")
    return smaller if len(smaller) < len(encoded) else encoded


def machine_paths(notebook: NotebookNode) -> list[str]:
    """Return the absolute paths of this machine that stand in a notebook's outputs."""
    places = {str(project_root()), str(Path.home()), tempfile.gettempdir(), "/site-packages/"}
    # Longest first, so that a kit inside the home folder is named whole.
    places = sorted(places, key=len, reverse=True)
    pattern = re.compile("|".join(re.escape(place) for place in places))
    found = []
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            found += pattern.findall(_text_of(output))
    return found


def _text_of(output: NotebookNode) -> str:
    """Return what a reader can read of an output; an encoded image spells anything by chance."""
    data = output.get("data", {})
    texts = [value for kind, value in data.items() if not kind.startswith("image/")]
    texts += [output.get("text", ""), *output.get("traceback", [])]
    return json.dumps(texts, ensure_ascii=False)
