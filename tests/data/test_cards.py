"""A data card says where data come from, and shows nothing that its text could inject."""

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from internlab.data.cards import DataCard, show_size


def card(**changed):
    facts = {
        "name": "Fields",
        "what": "RGB images",
        "origin": "a wheel",
        "licence": "CC0",
        "size_bytes": 1_405_615,
        "sha256": "ab" * 32,
        "split": "by site",
    }
    return DataCard(**{**facts, **changed})


@pytest.mark.parametrize(
    ("size_bytes", "shown"),
    [(2_000, "2.0 kB"), (99_000, "99.0 kB"), (226_244, "0.2 MB"), (20_639_595, "20.6 MB")],
)
def test_sizes_are_written_in_powers_of_ten(size_bytes, shown):
    assert show_size(size_bytes) == shown


def test_both_forms_hold_every_fact():
    for shown in (str(card()), card()._repr_html_()):
        for fact in ("Fields", "RGB images", "a wheel", "CC0", "1.4 MB", "abababab", "by site"):
            assert fact in shown


def test_no_download_is_said_and_an_empty_hash_left_out():
    shown = str(card(size_bytes=0, sha256=""))
    assert "nothing to download" in shown
    assert "sha256" not in shown


def test_several_hashes_are_shown_shortened():
    shown = str(card(sha256="a" * 64 + " " + "b" * 64))
    assert "a" * 16 + "... " + "b" * 16 + "..." in shown
    assert "a" * 17 not in shown


@given(st.text(min_size=1))
@example("<script>alert('R & D')</script>")
def test_any_text_stays_text(text):
    shown = card(what=text)._repr_html_()
    tags = re.findall(r"</?(\w+)", shown)
    assert set(tags) == {"table", "tr", "th", "td"}
    assert tags.count("tr") == 2 * 7
