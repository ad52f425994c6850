"""Display helpers: plain tables, real source, figures that are shown once."""

import base64

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

from internlab import notebook_ui as ui


def test_a_table_escapes_and_rounds():
    shown = ui.table([{"name": "<a>", "value": 1.23456789, "ok": True}])._repr_html_()
    assert "&lt;a&gt;" in shown
    assert "1.235" in shown and "1.23456" not in shown
    assert "yes" in shown


def test_a_table_takes_a_dataframe_and_prints_as_text():
    shown = repr(ui.table(pd.DataFrame({"a": [1, 22], "b": ["x", "y"]}), caption="Two rows."))
    assert shown.split("\n")[0] == "Two rows."
    assert "22  y" in shown


def test_an_empty_table_is_no_error():
    assert "<table>" in ui.table([])._repr_html_()
    assert repr(ui.table([]))


def test_the_source_shown_is_the_real_one():
    assert "def table(" in ui.show_source(ui.table).data


def test_images_leave_no_open_figure():
    figure = ui.images([np.zeros((8, 8, 3), np.uint8), np.ones((8, 8))], ["a", "b"], zoom=10)
    assert [axis.get_title(loc="left") for axis in figure.axes] == ["a", "b"]
    assert plt.get_fignums() == []


def test_style_sets_a_palette_without_repetition():
    ui.style()
    colours = plt.rcParams["axes.prop_cycle"].by_key()["color"]
    assert len(set(colours)) == len(colours)


def test_a_picture_is_shown_as_jpeg_only(monkeypatch):
    shown = []
    monkeypatch.setattr("IPython.display.display", lambda data, raw: shown.append(data))
    rng = np.random.default_rng(0)
    noise = rng.integers(0, 256, size=(60, 60, 3), dtype=np.uint8)
    ui.images([noise], ["noise"])._ipython_display_()
    assert set(shown[0]) == {"image/jpeg", "text/plain"}
    assert base64.b64decode(shown[0]["image/jpeg"])[:3] == b"\xff\xd8\xff"


def test_grey_images_can_share_their_limits():
    figure = ui.images([np.zeros((4, 4)), np.full((4, 4), 9.0)], ["a", "b"], limits=(0, 10))
    assert [axis.images[0].get_clim() for axis in figure.axes] == [(0, 10), (0, 10)]
