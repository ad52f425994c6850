"""The script that cuts the sprites knows each of them, and cuts tightly."""

from __future__ import annotations

import numpy as np

from authoring.cut_sprites import GLYPHS, trimmed
from internlab.data.streets.sprites import KINDS


def test_each_glyph_is_a_sprite_and_each_sprite_a_glyph():
    assert {kind: set(names) for kind, names in GLYPHS.items()} == {
        kind: set(KINDS[kind]) for kind in ("animals", "objects")
    }
    letters = [letter for names in GLYPHS.values() for letter in names.values()]
    assert len(set(letters)) == len(letters)


def test_a_picture_is_cut_at_its_solid_part_and_hides_no_colour():
    rgba = np.full((9, 8, 4), 70, np.uint8)
    rgba[..., 3] = 0
    rgba[2:5, 3:7, 3] = 255
    rgba[3, 4, 3] = 0  # a hole
    cut = trimmed(rgba)
    assert cut.shape == (3, 4, 4)
    assert cut[1, 1].tolist() == [0, 0, 0, 0] and cut[0, 0].tolist() == [70, 70, 70, 255]
    assert rgba[3, 4].tolist() == [70, 70, 70, 0]
