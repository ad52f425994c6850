"""Cited numbers have sources and columns of their own."""

from __future__ import annotations

import pytest

from internlab.ood.detectors import DETECTORS
from internlab.ood.protocol.published import beside, card, load_published, published_path


def test_every_number_has_a_source_and_is_listed_once():
    table = load_published()
    assert (table.source != "").all() and (table.checked != "").all()
    assert not table.duplicated(["method", "benchmark", "metric"]).any()


def test_the_kits_names_are_names_of_the_kit():
    known = {*DETECTORS, "sml", "sml+bs", "sml+bs+ds", ""}
    assert set(load_published().detector) <= known


def test_what_the_standardised_max_logits_paper_says():
    table = load_published().set_index(["detector", "benchmark", "metric"]).percent
    assert table["sml+bs+ds", "Fishyscapes Lost & Found", "AP"] == 31.05
    assert table["msp", "Fishyscapes Static", "FPR95"] == 39.83


def test_ours_and_theirs_share_rows_and_never_a_column():
    table = beside(
        {"msp": 3.0, "mine": 9.0},
        "drawn streets, AP %",
        {"Fishyscapes Lost & Found": "AP", "Fishyscapes Static": "AP"},
    ).set_index("method")
    theirs = [name for name in table if name.startswith("published")]
    ours = [name for name in table if name.startswith("ours")]
    assert len(theirs) == 2 and len(ours) == 1
    assert table.loc["MSP", theirs].tolist() == [1.77, 12.88]
    assert table.loc["MSP", ours[0]] == 3.0
    assert table.loc["mine", theirs].tolist() == ["", ""]
    assert (table.loc[table.index != "MSP"].loc[:, ours[0]] != "").sum() == 1


def test_only_the_methods_we_have_a_number_for():
    found = beside({"msp": 3.0}, "x", {"Fishyscapes Static": "AP"}, only_ours=True)
    assert found.method.tolist() == ["MSP"]


def test_an_unknown_benchmark_is_refused_with_what_there_is():
    with pytest.raises(ValueError, match="Did you mean 'Fishyscapes Static AP'"):
        beside({}, "x", {"Fishyscape Static": "AP"})


@pytest.mark.parametrize(
    ("old", "new", "match"),
    [
        ("checked\n", "seen\n", "lacks checked"),
        (",1.77,", ",177,", "0 to 100"),
        (",read from the picture", ",", "word on how it was checked"),
    ],
)
def test_a_damaged_file_is_refused(tmp_path, old, new, match):
    text = published_path().read_text(encoding="utf-8").replace(old, new, 1)
    path = tmp_path / "published.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ValueError, match=match):
        load_published(path)


def test_the_card_says_how_many():
    assert str(len(load_published())) in card().what
