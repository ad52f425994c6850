"""A face before it is drawn: everything that was decided by lot, its hair's length left open.

Two families of faces differ in the jaw, the chin, the brows, and in a shade of stubble that most of
one family have. All else (skin, eyes, glasses, colours, where the head is, how long its hair would
be if it were long) has nothing to do with the family.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

FAMILIES = ("face family A", "face family B")

SKINS = (
    (252, 222, 196),
    (241, 198, 160),
    (222, 172, 128),
    (186, 128, 86),
    (140, 90, 60),
    (102, 66, 46),
)
HAIRS = (
    (34, 28, 26),
    (66, 44, 32),
    (112, 72, 42),
    (168, 118, 66),
    (216, 180, 116),
    (146, 62, 34),
    (148, 146, 148),
)
SHIRTS = (
    (58, 98, 158),
    (178, 66, 62),
    (72, 134, 92),
    (236, 232, 222),
    (54, 56, 68),
    (224, 168, 62),
    (126, 88, 152),
    (92, 160, 172),
)
BACKGROUNDS = (
    (196, 214, 226),
    (226, 210, 188),
    (200, 220, 200),
    (224, 202, 208),
    (208, 204, 224),
    (176, 186, 194),
    (234, 228, 206),
)
EYES = ((70, 46, 32), (96, 68, 40), (78, 104, 70), (70, 104, 138), (92, 98, 104))

# What differs between the families: mean and spread in each. Widths and heights are those of half
# the head; the exponent is that of a superellipse (2 is round, more is square).
JAW = ((0.80, 0.05), (0.97, 0.04))
CHIN = ((2.00, 0.15), (2.90, 0.25))
BROW_THICKNESS = ((0.055, 0.014), (0.105, 0.018))
BROW_ARCH = ((0.085, 0.030), (0.030, 0.030))
STUBBLE_SHARE = (0.0, 0.6)

Colour = tuple[int, int, int]


@dataclass(frozen=True)
class Face:
    """All that was drawn by lot for a face.

    Lengths are in sides of the picture, or as said. Colours are RGB, 0 to 255.

    Parameters
    ----------
    family : int
        0 or 1: the class, index into `FAMILIES`.
    jaw : float
        Width of the jaw as a share of that of the cheeks. With the next four, what a family is.
    chin : float
        Exponent of the superellipse of the lower face: 2 is round, 3 nearly square.
    brow_thickness, brow_arch : float
        As shares of half the head's height.
    stubble : float
        How dark a shade lies on the lower face: 0 (none) to 1.
    x, y : float
        Centre of the head, from the left and from the top.
    half_width, half_height : float
        Of the head.
    skin, hair, shirt, background, eyes : tuple of int
    eye_size, eye_distance, nose, mouth_width, smile : float
        Multiples of the usual.
    glasses : bool
    parting : float
        Where the fringe parts: -1 (left) to 1 (right).
    fringe : float
        How far it falls onto the forehead, as a share of half the head's height.
    volume : float
        How far hair stands off the head, as a share of half its width.
    length : float
        How far long hair falls below the middle of the head, in halves of the head's height.
    wave : float
        How wavy long hair is, as a share of half the head's width.
    """

    family: int
    jaw: float
    chin: float
    brow_thickness: float
    brow_arch: float
    stubble: float
    x: float
    y: float
    half_width: float
    half_height: float
    skin: Colour
    hair: Colour
    shirt: Colour
    background: Colour
    eyes: Colour
    eye_size: float
    eye_distance: float
    nose: float
    mouth_width: float
    smile: float
    glasses: bool
    parting: float
    fringe: float
    volume: float
    length: float
    wave: float


def draw_face_parameters(family: int, rng: np.random.Generator) -> Face:
    """Draw a face of a family by lot.

    Parameters
    ----------
    family : int
        0 for face family A, 1 for B.
    rng : Generator

    Raises
    ------
    ValueError
        If there is no such family.
    """
    if family not in (0, 1):
        raise ValueError(f"family is {family!r}; expected 0 (face family A) or 1 (B).")
    family = int(family)
    uniform = rng.uniform

    def of_family(table: tuple[tuple[float, float], ...], low: float, high: float) -> float:
        return float(np.clip(rng.normal(*table[family]), low, high))

    # The same numbers of draws for either family: a generator stays in step.
    jaw, chin = of_family(JAW, 0.68, 1.06), of_family(CHIN, 1.7, 3.6)
    thickness, arch = of_family(BROW_THICKNESS, 0.02, 0.16), of_family(BROW_ARCH, -0.03, 0.16)
    has_stubble, shade = rng.random() < STUBBLE_SHARE[family], uniform(0.3, 0.75)
    return Face(
        family=family,
        jaw=jaw,
        chin=chin,
        brow_thickness=thickness,
        brow_arch=arch,
        stubble=shade if has_stubble else 0.0,
        x=uniform(0.46, 0.54),
        y=uniform(0.47, 0.51),
        half_width=uniform(0.210, 0.245),
        half_height=uniform(0.280, 0.315),
        skin=_near(SKINS, rng, 5),
        hair=_near(HAIRS, rng),
        shirt=_near(SHIRTS, rng),
        background=_near(BACKGROUNDS, rng),
        eyes=_near(EYES, rng),
        eye_size=uniform(0.85, 1.15),
        eye_distance=uniform(0.92, 1.08),
        nose=uniform(0.8, 1.2),
        mouth_width=uniform(0.8, 1.2),
        smile=uniform(-0.15, 1.0),
        glasses=bool(rng.random() < 0.18),
        parting=uniform(-1.0, 1.0),
        fringe=uniform(0.36, 0.54),
        volume=uniform(0.08, 0.20),
        length=uniform(1.15, 1.65),
        wave=uniform(0.0, 0.12),
    )


def _near(colours: tuple[Colour, ...], rng: np.random.Generator, spread: int = 10) -> Colour:
    """Return one of the colours, a little moved."""
    chosen = np.array(colours[rng.integers(len(colours))])
    moved = (chosen + rng.integers(-spread, spread + 1, 3)).clip(0, 255)
    return tuple(int(value) for value in moved)
