"""A run that ends early goes on where it was, and the result is the same to the byte."""

import os
import random
import subprocess
import sys

import numpy as np
import pytest
from scene_cases import BlurRuntime, noise, read_image, write_image

from internlab.files import sha256_of
from internlab.superres.claims.scenes import survived_kills
from internlab.superres.scene import upscale_scene
from internlab.superres.scene_parts import JOURNAL, PIXELS, PartialScene, partial_folder
from internlab.superres.tiling import plan_tiles, upscale_whole


class StoppingRuntime(BlurRuntime):
    """Raises after some calls, as Ctrl-C or a fault would."""

    def __init__(self, calls: int, error: type[BaseException]) -> None:
        super().__init__(2)
        self.left, self.error = calls, error

    def _run(self, batch):
        if self.left == 0:
            raise self.error
        self.left -= 1
        return super()._run(batch)


@pytest.fixture
def source(tmp_path):
    return write_image(tmp_path / "in.tif", noise(100, 70))


@pytest.fixture
def target(tmp_path):
    return tmp_path / "out.tif"


def run(source, target, runtime=None, tile=20, **options):
    return upscale_scene(
        source, target, runtime or BlurRuntime(2), tile, 2, progress=False, **options
    )


def stop_half_way(source, target, **options):
    # One call is for the fingerprint; four tiles a row: the third row is cut off.
    with pytest.raises(KeyboardInterrupt) as caught:
        run(source, target, StoppingRuntime(1 + 2 * 4 + 2, KeyboardInterrupt), **options)
    return caught.value


def test_ctrl_c_says_what_is_finished_and_keeps_it(source, target):
    interrupt = stop_half_way(source, target)
    assert "2 of 5 rows of tiles finished" in interrupt.__notes__[0]
    assert not target.exists()
    runtime = BlurRuntime(2)
    report = run(source, target, runtime)
    assert report.resumed_tiles == 8
    assert len(runtime.calls) == 1 + report.tiles - 8
    assert not partial_folder(target).exists()


def test_a_resumed_result_is_the_same_to_the_byte(source, target, tmp_path):
    run(source, tmp_path / "whole.tif")
    stop_half_way(source, target)
    run(source, target)
    assert sha256_of(target) == sha256_of(tmp_path / "whole.tif")


def test_resuming_often_is_like_once(source, target, tmp_path):
    run(source, tmp_path / "whole.tif")
    for _ in range(4):
        with pytest.raises(ZeroDivisionError):
            run(source, target, StoppingRuntime(1 + 5, ZeroDivisionError))
    run(source, target)
    assert sha256_of(target) == sha256_of(tmp_path / "whole.tif")


@pytest.mark.parametrize(
    ("changed", "says"),
    [({"tile": 30}, "tile"), ({"runtime": BlurRuntime(1)}, "model"), ({"resume": False}, "afresh")],
)
def test_other_settings_start_anew_and_say_so(source, target, changed, says):
    stop_half_way(source, target)
    report = run(source, target, **changed)
    assert report.resumed_tiles == 0
    assert any("thrown away" in note and says in note for note in report.notes)


def test_another_source_starts_anew(source, target):
    stop_half_way(source, target)
    write_image(source, noise(100, 70, seed=1))
    report = run(source, target)
    assert report.resumed_tiles == 0
    whole = upscale_whole(BlurRuntime(2), noise(100, 70, seed=1))
    np.testing.assert_array_equal(read_image(target), whole)


def test_a_source_that_was_only_copied_is_the_same(source, target):
    stop_half_way(source, target)
    os.utime(source, (0, 0))
    assert run(source, target).resumed_tiles == 8


def test_a_torn_last_line_promises_nothing(source, target, tmp_path):
    run(source, tmp_path / "whole.tif")
    stop_half_way(source, target)
    journal = partial_folder(target) / JOURNAL
    journal.write_bytes(journal.read_bytes()[:-4])
    assert run(source, target).resumed_tiles == 4
    assert sha256_of(target) == sha256_of(tmp_path / "whole.tif")


def test_rows_whose_pixels_changed_are_computed_again(source, target, tmp_path):
    run(source, tmp_path / "whole.tif")
    stop_half_way(source, target)
    with open(partial_folder(target) / PIXELS, "r+b") as stream:
        stream.seek(100)
        stream.write(b"\x00\x01\x02\x03")
    assert run(source, target).resumed_tiles == 4
    assert sha256_of(target) == sha256_of(tmp_path / "whole.tif")


@pytest.mark.parametrize("content", [b"", b"nonsense", b"{}\n", b"\xff\xfe\n\n"])
def test_a_damaged_journal_starts_anew(source, target, content):
    stop_half_way(source, target)
    (partial_folder(target) / JOURNAL).write_bytes(content)
    assert run(source, target).resumed_tiles == 0


def test_a_second_run_on_the_same_target_is_kept_away(source, target, tmp_path):
    rows = [plan_tiles(10, 10, 10)]
    with PartialScene(target, rows, 2, 3, "uint8", {}):
        with pytest.raises(BlockingIOError, match="Another run is writing"):
            run(source, target)
    run(source, target)
    assert target.exists()


def test_pixels_reach_the_disk_before_the_journal_says_so(tmp_path, monkeypatch):
    events = []
    fsync, pwrite = os.fsync, os.pwrite
    rows = [plan_tiles(4, 8, 4)]
    with PartialScene(tmp_path / "out.tif", rows, 1, 3, "uint8", {}) as parts:
        names = {parts._pixels: "pixels", parts._journal: "journal"}
        monkeypatch.setattr(os, "fsync", lambda h: (events.append(("sync", names[h])), fsync(h))[1])
        monkeypatch.setattr(
            os, "pwrite", lambda h, *a: (events.append(("write", names[h])), pwrite(h, *a))[1]
        )
        for column in range(2):
            parts.write(0, column, np.zeros((4, 4, 3), np.uint8))
        parts.finish(0)
    assert events == [
        ("write", "pixels"),
        ("write", "pixels"),
        ("sync", "pixels"),
        ("write", "journal"),
        ("sync", "journal"),
    ]


def test_a_window_is_put_together_from_several_tiles(tmp_path):
    pixels = noise(40, 60)
    tiles = plan_tiles(20, 30, 7, 1)
    rows = [[t for t in tiles if t.rows == r] for r in dict.fromkeys(t.rows for t in tiles)]
    with PartialScene(tmp_path / "out.tif", rows, 2, 3, "uint8", {}) as parts:
        for r, row in enumerate(rows):
            for c, tile in enumerate(row):
                parts.write(r, c, pixels[tile.rows.place(2), tile.cols.place(2)])
        for window in ((0, 40, 0, 60), (3, 31, 11, 12), (13, 14, 0, 60)):
            top, bottom, left, right = window
            found = parts.read(slice(top, bottom), slice(left, right))
            np.testing.assert_array_equal(found, pixels[top:bottom, left:right])
        with pytest.raises(ValueError, match="Tile 0, 0"):
            parts.write(0, 0, np.zeros((1, 1, 3), np.uint8))


@pytest.mark.skipif(sys.platform == "win32", reason="needs fork and SIGKILL")
def test_killed_at_random_moments_and_resumed(tmp_path):
    outcomes = survived_kills(4, tmp_path, random.Random(1))
    assert [equal for _, equal in outcomes] == [True] * 4


def test_a_full_disk_leaves_no_final_name(source, target):
    # A limit on file size stands in for a full disk: the kernel refuses to write further.
    code = (
        "import resource, signal, sys\n"
        "sys.path.insert(0, sys.argv[3])\n"
        "from scene_cases import BlurRuntime\n"
        "from internlab.superres.scene import upscale_scene\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))\n"
        "upscale_scene(sys.argv[1], sys.argv[2], BlurRuntime(2), 20, 2, progress=False)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, source, target, os.path.dirname(__file__)],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1 and "The disk is full" in done.stderr
    assert not target.exists() and not partial_folder(target).exists()
