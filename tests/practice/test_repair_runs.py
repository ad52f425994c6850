"""Copies, wheels, installations and bounded runs."""

from __future__ import annotations

import sys
import time
from zipfile import ZipFile

import pytest

from internlab.files import data_dir, sha256_of
from internlab.practice.repair import bounded
from internlab.practice.repair.install import install, offered, versions_in
from internlab.practice.repair.parcels import draw_parcels
from internlab.practice.repair.place import copy_broken
from internlab.practice.repair.runs import stated, train
from internlab.practice.repair.wheel import build_wheel


def test_the_table_is_the_one_that_is_drawn():
    shipped = (data_dir() / "repair" / "tinyshift" / "data" / "parcels.csv").read_bytes()
    assert shipped == draw_parcels()
    assert shipped.decode("cp949").startswith("번호,벨트,속도,무게,표본01")
    with pytest.raises(UnicodeDecodeError):
        shipped.decode("utf-8")


def test_a_copy_is_not_overwritten_unasked(tmp_path):
    place = copy_broken(tmp_path / "work")
    mine = place.repository / "pulses.py"
    mine.write_text("mended")
    with pytest.raises(FileExistsError, match="again"):
        copy_broken(tmp_path / "work")
    assert mine.read_text() == "mended"
    copy_broken(tmp_path / "work", again=True)
    assert "trapz" in mine.read_text(encoding="utf-8")


def test_a_folder_of_something_else_is_left_alone(tmp_path):
    (tmp_path / "thesis.txt").write_text("all of it")
    with pytest.raises(FileExistsError, match="no earlier copy"):
        copy_broken(tmp_path, again=True)
    assert (tmp_path / "thesis.txt").exists()


def test_a_wheel_has_the_same_bytes_each_time_and_lists_its_files(tmp_path):
    source = data_dir() / "repair" / "packages" / "pulsekit-1.4.0"
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    first, second = build_wheel(source, tmp_path / "a"), build_wheel(source, tmp_path / "b")
    assert sha256_of(first) == sha256_of(second)
    with ZipFile(first) as archive:
        record = archive.read("pulsekit-1.4.0.dist-info/RECORD").decode()
        assert [line.split(",")[0] for line in record.splitlines()] == archive.namelist()
        assert {each.date_time for each in archive.infolist()} == {(2020, 1, 1, 0, 0, 0)}


def test_an_open_version_gets_the_newest_and_a_pin_what_it_names(tmp_path):
    place = copy_broken(tmp_path / "work")
    assert offered(place.index) == {"pulsekit": ["1.4.0", "2.0.0"]}
    install(place)
    assert versions_in(place) == {"pulsekit": "2.0.0"}
    (place.repository / "requirements.txt").write_text("numpy\npulsekit<2  # as published\n")
    install(place)
    assert versions_in(place) == {"pulsekit": "1.4.0"}
    # What pip chose for one folder is remembered for the next, and the folder has changed since.
    other = copy_broken(tmp_path / "other")
    install(other)
    assert versions_in(other) == {"pulsekit": "2.0.0"}


@pytest.mark.parametrize(
    "line, says",
    [
        ("numpy==1.23.0", "without a network there is no other"),
        ("pulsekit==1.5", "pip could not install pulsekit==1.5"),
        ("no-such-package-here", "not installed and not in the index"),
        ("numpy=>2", "no installer reads"),
    ],
)
def test_what_cannot_be_installed_is_said(tmp_path, line, says):
    place = copy_broken(tmp_path / "work")
    (place.repository / "requirements.txt").write_text(line + "\n")
    with pytest.raises(ValueError, match=says):
        install(place)


def test_a_readme_without_a_number_is_refused(tmp_path):
    place = copy_broken(tmp_path / "work")
    (place.repository / "README.md").write_text("works")
    with pytest.raises(ValueError, match="states no number"):
        stated(place)


def test_an_endless_program_is_stopped_with_its_children(tmp_path):
    mark = tmp_path / "alive"
    child = f"import time, pathlib; time.sleep(2); pathlib.Path({str(mark)!r}).touch()"
    program = (
        f"import subprocess, sys; subprocess.Popen([sys.executable, '-c', {child!r}]); "
        "print('begun', flush=True)\nwhile True: pass"
    )
    ended = bounded.run([sys.executable, "-c", program], tmp_path, seconds=1)
    assert ended.stopped and ended.status is None
    assert ended.output == "begun\n"
    time.sleep(2)
    assert not mark.exists()


def test_output_without_end_is_cut(tmp_path):
    program = "import sys\nwhile True: sys.stdout.write('x' * 10_000)"
    ended = bounded.run([sys.executable, "-c", program], tmp_path, seconds=1)
    assert len(ended.output) == bounded.CHARACTERS


def test_hardly_an_environment_variable_is_handed_on(tmp_path, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", "/somewhere")
    monkeypatch.setenv("MY_TOKEN", "secret")
    program = "import os; print(sorted(os.environ))"
    output = bounded.run([sys.executable, "-I", "-c", program], tmp_path).output
    assert "MY_TOKEN" not in output and "PYTHONPATH" not in output


def test_a_run_says_what_it_opened_and_hides_where(tmp_path):
    run = train(copy_broken(tmp_path / "work"), "--device", "cpu")
    assert run.error == "FileNotFoundError" and run.number is None
    assert "Parcels.csv" in [path.name for path in run.opened]
    assert "report.json" not in [path.name for path in run.opened]
    assert 'File "tinyshift/pulses.py"' in run.output
    assert str(tmp_path) not in run.output and "inside.py" not in run.output
