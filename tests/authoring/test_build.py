"""The build: byte-identical on repetition, and it sees a stale or hand-edited notebook."""

import base64
import io
import subprocess
from pathlib import Path

import nbformat
import numpy as np
import pytest
from PIL import Image

from authoring import build, execute
from authoring.notebook_file import as_text
from authoring.source import read

HEADER = """# ---
# title: Demo
# minutes: 5
# passages: [sia-tensorrt-sr]
# smoke_seconds: 5
# ---
"""
LESSON = HEADER + "# %% [markdown]\n# # Demo\n# %%\nx = 1\n# %%\nprint(x)\n"
LAB = HEADER + (
    "# %%\nfrom demo import check\n# %%\n### BEGIN SOLUTION\ny = 2\n### END SOLUTION\n"
    'check("y", y)\n# %% tags=["wrong"]\n# says: two\ny = 3\n'
)


@pytest.fixture
def kit(tmp_path: Path) -> Path:
    for folder, text in (("lessons", LESSON), ("labs", LAB)):
        path = tmp_path / "authoring" / folder / "10_demo.py"
        path.parent.mkdir(parents=True)
        path.write_text(text)
    build.build(tmp_path)
    return tmp_path


def _texts(kit):
    return {path: path.read_bytes() for path in sorted(kit.glob("*/*.ipynb"))}


def test_a_cell_has_no_double_blank_lines_and_begins_with_none(kit):
    source = kit / "authoring" / "lessons" / "10_demo.py"
    source.write_text(source.read_text().replace("x = 1", "\n\nx = 1\n\n\n\ny = 2"))
    build.build(kit)
    notebook = nbformat.read(kit / "notebooks" / "10_demo.ipynb", as_version=4)
    assert notebook.cells[1].source == "x = 1\n\ny = 2"


def test_a_second_build_changes_no_byte(kit):
    before = _texts(kit)
    assert len(before) == 3
    assert build.build(kit) == []
    for path in before:
        path.unlink()
    build.build(kit)
    assert _texts(kit) == before
    assert build.stale(kit) == []


def test_cell_ids_are_stable_and_unique(kit):
    ids = []
    for path in kit.glob("*/*.ipynb"):
        notebook = nbformat.read(path, as_version=4)
        nbformat.validate(notebook)
        ids += [cell.id for cell in notebook.cells]
    assert len(set(ids)) == len(ids)


def test_the_learner_sees_neither_solution_nor_wrong_answers(kit):
    lab = (kit / "labs" / "10_demo.ipynb").read_text()
    solution = (kit / "solutions" / "10_demo.ipynb").read_text()
    assert "y = ...  # YOUR CODE HERE" in lab
    assert "y = 2" in solution and "y = 2" not in lab
    assert "y = 3" not in lab + solution
    assert "SOLUTION" not in lab + solution


@pytest.mark.parametrize("folder", ["notebooks", "labs", "solutions"])
def test_a_hand_edit_is_seen(kit, folder):
    path = kit / folder / "10_demo.ipynb"
    path.write_text(path.read_text().replace("Demo", "Demonstration"))
    assert any(f"{folder}/10_demo.ipynb" in line for line in build.stale(kit))


def test_a_changed_source_is_seen(kit):
    source = kit / "authoring" / "lessons" / "10_demo.py"
    source.write_text(source.read_text().replace("x = 1", "x = 5"))
    assert len(build.stale(kit)) == 1


def test_a_missing_and_an_orphaned_notebook_are_seen(kit):
    (kit / "labs" / "10_demo.ipynb").rename(kit / "labs" / "11_other.ipynb")
    assert len(build.stale(kit)) == 2


def _with_output(path, cell_index, text):
    notebook = nbformat.read(path, as_version=4)
    cell = notebook.cells[cell_index]
    cell.outputs = [nbformat.v4.new_output("stream", name="stdout", text=text)]
    path.write_text(as_text(notebook))


def test_outputs_stay_until_the_code_before_them_changes(kit):
    path = kit / "notebooks" / "10_demo.ipynb"
    _with_output(path, 2, "1\n")
    assert build.build(kit) == []
    assert build.stale(kit) == []
    source = kit / "authoring" / "lessons" / "10_demo.py"
    source.write_text(source.read_text().replace("# # Demo", "# # A demo"))
    build.build(kit)
    assert nbformat.read(path, as_version=4).cells[2].outputs
    source.write_text(source.read_text().replace("x = 1", "x = 5"))
    build.build(kit)
    assert not nbformat.read(path, as_version=4).cells[2].outputs


def test_a_lab_with_outputs_is_not_what_the_build_writes(kit):
    _with_output(kit / "labs" / "10_demo.ipynb", 1, "PASS")
    assert build.stale(kit)
    build.build(kit)
    assert not build.stale(kit)


def test_a_learners_answers_are_no_fault_once_the_lab_is_committed(kit):
    git = ["git", "-c", "user.name=a", "-c", "user.email=a@example.org"]
    for command in (["init", "-q"], ["add", "."], ["commit", "-qm", "x"]):
        subprocess.run([*git, *command], cwd=kit, check=True)
    lab = kit / "labs" / "10_demo.ipynb"
    lab.write_text(lab.read_text().replace("y = ...", "y = 2"))
    assert build.stale(kit)
    assert build.stale(kit, accept_committed=True) == []
    source = kit / "authoring" / "labs" / "10_demo.py"
    source.write_text(source.read_text().replace('check("y"', 'check("z"'))
    assert len(build.stale(kit, accept_committed=True)) == 2


def test_without_git_the_check_still_answers(kit, monkeypatch):
    monkeypatch.setenv("PATH", "")
    assert build.stale(kit, accept_committed=True) == []
    lab = kit / "labs" / "10_demo.ipynb"
    lab.write_text(lab.read_text().replace("y = ...", "y = 2"))
    assert len(build.stale(kit, accept_committed=True)) == 1


@pytest.mark.parametrize("text", ["print(1)\n", HEADER.replace("# minutes: 5\n", "")])
def test_an_incomplete_header_is_refused(tmp_path, text):
    path = tmp_path / "lessons" / "x.py"
    path.parent.mkdir()
    path.write_text(text)
    with pytest.raises(ValueError, match="header"):
        read(path)


def test_paths_of_the_machine_are_found_in_outputs(root):
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("x")])
    assert execute.machine_paths(notebook) == []
    notebook.cells[0].outputs = [
        nbformat.v4.new_output("stream", name="stdout", text=f"saved to {root}/data/x")
    ]
    assert execute.machine_paths(notebook) == [str(root)]
    notebook.cells[0].outputs = [
        nbformat.v4.new_output("display_data", data={"image/png": "iVBO/tmp/AAA"}),
        nbformat.v4.new_output("display_data", data={"text/html": "<b>/tmp/x</b>"}),
    ]
    assert execute.machine_paths(notebook) == ["/tmp"]


def test_cleaning_drops_warnings_and_empty_displays_and_joins_streams():
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("x")])
    notebook.cells[0].outputs = [
        nbformat.v4.new_output("stream", name=name, text=text)
        for name, text in (("stdout", "a"), ("stderr", "warning"), ("stdout", "b"))
    ]
    empty = nbformat.v4.new_output("display_data", {"text/html": "", "text/plain": "HTML"})
    notebook.cells[0].outputs.insert(1, empty)
    execute.clean(notebook)
    assert [output.text for output in notebook.cells[0].outputs] == ["ab"]


def test_an_executed_lesson_is_what_the_build_writes(kit):
    path = kit / "notebooks" / "10_demo.ipynb"
    execute.execute_lesson(path)
    assert nbformat.read(path, as_version=4).cells[2].outputs[0].text == "1\n"
    assert build.stale(kit) == []


def _png(array: np.ndarray) -> str:
    buffer = io.BytesIO()
    Image.fromarray(array).save(buffer, "png")
    return base64.b64encode(buffer.getvalue()).decode("ascii")


def _pixels(encoded: str) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(encoded))).convert("RGB")).astype(int)


def test_a_drawing_is_kept_with_a_palette_and_looks_the_same():
    drawing = np.full((300, 400, 3), 255, dtype=np.uint8)
    for step in range(40):  # lines of forty colours
        drawing[7 * step : 7 * step + 2, step:] = (0, 6 * step, 200)
    before = _png(drawing)
    after = execute.with_palette(before)
    assert len(after) < len(before)
    assert np.abs(_pixels(after) - drawing).mean() < 1


def test_a_palette_keeps_the_colours_of_a_small_key():
    # Greys all over, and nine squares of a colour each: 64 colours would be spent on the greys.
    drawing = np.full((400, 700, 3), 255, dtype=np.uint8)
    drawing[:, 300:] = np.linspace(0, 255, 400).astype(np.uint8)[None, :, None]
    key = np.array([[220, 40, 40], [40, 80, 220], [30, 160, 60], [230, 210, 40], [210, 60, 200]])
    key = np.concatenate([key, [[60, 200, 210], [240, 140, 30], [130, 60, 190], [130, 80, 40]]])
    for row, colour in enumerate(key):
        drawing[20 + 40 * row : 29 + 40 * row, 100:109] = colour
    after = _pixels(execute.with_palette(_png(drawing)))
    for row, colour in enumerate(key):
        assert np.abs(after[24 + 40 * row, 104] - colour).max() <= 10


def test_a_photograph_is_left_as_it_is():
    photograph = np.random.default_rng(0).integers(0, 256, (60, 80, 3), dtype=np.uint8)
    assert execute.with_palette(_png(photograph)) == _png(photograph)


def test_a_picture_with_transparent_parts_is_left_as_it_is():
    picture = np.full((20, 20, 4), 200, dtype=np.uint8)
    assert execute.with_palette(_png(picture)) == _png(picture)
