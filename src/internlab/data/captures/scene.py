"""What stands before the camera, in linear light: a head in the room, or a picture of one.

All arrays are (FINE, FINE, 3) float32 in linear light, where 1 is a white surface in full light.
A display's raster and a print's halftone are drawn finer than the sensor: the stripes that they
leave in a frame (moire) are not painted, they come about when the sensor samples them.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
import torch
from scipy import ndimage
from torch.nn import functional

from internlab.data.captures.sessions import FLAT, Session, Setup
from internlab.data.shortcuts import Face, draw_portrait

SENSOR = 48
STEP = 3
FINE = SENSOR * STEP
EDGES = ("visible", "cut", "hidden")
# A sheet whose edges are to be outside the picture is held nearer.
HIDDEN_SIZE = 1.25

_ROWS, _COLUMNS = ((np.mgrid[:FINE, :FINE] + 0.5) / FINE).astype(np.float32)


@dataclass(frozen=True)
class Presentation:
    """What changes from frame to frame, and is chosen or drawn for each.

    Parameters
    ----------
    kind : str
        One of `internlab.data.captures.KINDS`.
    edges : str
        Of a sheet or display: ``"visible"`` in the picture, ``"cut"`` along the head, or
        ``"hidden"`` outside the picture. Without effect on live faces, masks and disguises.
    size : float
        Of the head relative to the usual, on top of the session's distance.
    angle : float
        Of the head or sheet, in degrees.
    shift : pair of float
        In sides of the picture.
    glare_shift : pair of float
        How far the glare lies from where the session's lamp puts it, in sides.
    """

    kind: str
    edges: str
    size: float
    angle: float
    shift: tuple[float, float]
    glare_shift: tuple[float, float]


def to_linear(image: np.ndarray) -> np.ndarray:
    """Return uint8 RGB as linear light in [0, 1], float32, by a gamma of 2.2."""
    return (image.astype(np.float32) / 255) ** np.float32(2.2)


@dataclass(frozen=True)
class Place:
    """Where a head or a sheet is in the picture: its size, how it is turned, how it is moved.

    Parameters
    ----------
    size : float
        1 is the size it was drawn in.
    angle : float
        In degrees.
    shift : pair of float
        To the right and down, in sides of the picture.
    """

    size: float
    angle: float
    shift: tuple[float, float]

    def _turn(self) -> np.ndarray:
        c, s = np.cos(np.deg2rad(self.angle)), np.sin(np.deg2rad(self.angle))
        return np.array([[c, s], [-s, c]])

    def inverse(self) -> np.ndarray:
        """Return the (2, 3) float32 matrix from a place in the picture to one in the drawing.

        Both run from -1 to 1, x first.
        """
        matrix = self._turn() / self.size
        moved = -2 * matrix @ np.array(self.shift)
        return np.column_stack([matrix, moved]).astype(np.float32)

    def forward(self, x: float, y: float) -> tuple[float, float]:
        """Return where a point of the drawing lies in the picture; both in sides, 0 to 1."""
        turned = self.size * self._turn().T @ np.array([x - 0.5, y - 0.5])
        return float(0.5 + turned[0] + self.shift[0]), float(0.5 + turned[1] + self.shift[1])


def place_of(session: Session, there: Presentation) -> Place:
    """Return where a head or a sheet is: the session's stand, and how it is held in this frame."""
    setup = session.setups[there.kind]
    filling = HIDDEN_SIZE if there.kind in FLAT and there.edges == "hidden" else 1.0
    shift = (there.shift[0] + setup.shift[0], there.shift[1] + setup.shift[1])
    return Place(there.size * setup.distance * filling, there.angle, shift)


@lru_cache(maxsize=512)
def _head(face: Face, hair: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return a head's reflectance, where it is (0 to 1), and its shape's slope to the right.

    The portraits are drawn on an even background. Drawn on black and on white, the difference
    says how much of each pixel is background.
    """
    on_black, on_white = (
        draw_portrait(replace(face, background=(level,) * 3), hair, side=FINE) for level in (0, 255)
    )
    inside = 1 - (on_white.astype(np.float32) - on_black).mean(axis=2) / 255
    x = (_COLUMNS - face.x) / (1.15 * face.half_width)
    y = (_ROWS - face.y) / (1.15 * face.half_height)
    slope = np.where(x**2 + y**2 < 1, x, np.sign(x) * 0.6).clip(-1, 1)
    own = draw_portrait(face, hair, side=FINE)
    return to_linear(own), inside.astype(np.float32), slope.astype(np.float32)


def _placed(layers: np.ndarray, where: Place, beyond: str) -> np.ndarray:
    """Return layers (FINE, FINE, C) turned, scaled about the middle and moved, sampled linearly."""
    (a, b, c), (d, e, f) = where.inverse()
    x, y = 2 * _COLUMNS - 1, 2 * _ROWS - 1
    grid = torch.from_numpy(np.dstack([a * x + b * y + c, d * x + e * y + f]))[None]
    planes = torch.from_numpy(np.ascontiguousarray(layers.transpose(2, 0, 1)))[None]
    moved = functional.grid_sample(planes, grid, padding_mode=beyond, align_corners=False)
    return moved[0].permute(1, 2, 0).numpy()


def _wall(session: Session) -> np.ndarray:
    """Return the wall of the place in the place's light."""
    shade = 1 + session.wall_gradient * (_COLUMNS - 0.5) + 0.1 * (0.5 - _ROWS)
    colour = np.array(session.wall) * np.array(session.light_colour)
    return (session.level * shade[..., None] * colour).astype(np.float32)


def _glare(setup: Setup, there: Presentation, width: float) -> np.ndarray:
    x = setup.glare[0] + there.glare_shift[0]
    y = setup.glare[1] + there.glare_shift[1]
    return np.exp(-((_COLUMNS - x) ** 2 + (_ROWS - y) ** 2) / (2 * width**2)).astype(np.float32)


def _grain(setup: Setup, rng: np.random.Generator) -> np.ndarray:
    """Return grain about one: fibres of paper, pores of skin."""
    noise = rng.standard_normal((FINE, FINE, 1), dtype=np.float32)
    return 1 + np.float32(2 * setup.grain) * noise


def _raster(setup: Setup, there: Presentation) -> np.ndarray:
    """Return waves of a raster's pitch and angle: (FINE, FINE), -1 to 1."""
    turn = np.deg2rad(setup.angle + there.angle)
    along = FINE * (_COLUMNS * np.cos(turn) + _ROWS * np.sin(turn))
    across = FINE * (_ROWS * np.cos(turn) - _COLUMNS * np.sin(turn))
    pitch = setup.pitch * there.size * setup.distance
    waves = np.sin(2 * np.pi * along / pitch) * np.sin(2 * np.pi * across / pitch)
    return waves.astype(np.float32)


def head_in_the_room(
    face: Face, hair: str, session: Session, there: Presentation, rng: np.random.Generator
) -> np.ndarray:
    """Return a live person, one with a mask, or one in disguise, before the wall.

    A head is round: the key light makes one side of it brighter than the other.
    """
    setup = session.setups[there.kind]
    skin, inside, slope = _head(face, hair)
    if there.kind == "mask":
        skin = _silicone(skin, inside, setup)
    if there.kind == "disguise":
        skin = _disguised(skin, face, rng)
    layers = np.dstack([skin, inside, slope])
    moved = _placed(layers, place_of(session, there), "border")
    skin, inside, slope = moved[..., :3], moved[..., 3:4], moved[..., 4]
    key = (1 - session.ambient) * np.clip(1 + 0.9 * session.direction * slope, 0, None)
    light = session.level * setup.level * (session.ambient + key)[..., None]
    colour = np.array(session.light_colour, np.float32)
    shine = session.level * setup.gloss * _glare(setup, there, 0.07)[..., None]
    head = skin * np.array(setup.tint, np.float32) * _grain(setup, rng) * light * colour
    return inside * (head + shine * colour) + (1 - inside) * _wall(session)


def _silicone(skin: np.ndarray, inside: np.ndarray, setup: Setup) -> np.ndarray:
    """Return a face without its fine marks, of less contrast, with a seam around it."""
    smooth = np.stack([ndimage.gaussian_filter(skin[..., c], 2.0) for c in range(3)], axis=2)
    middle = (smooth * inside[..., None]).sum(axis=(0, 1)) / inside.sum()
    flat = setup.white * (0.75 * smooth + 0.25 * middle) + setup.black
    seam = inside * (1 - ndimage.gaussian_filter(inside, 2.5))
    return flat * (1 - 1.2 * seam[..., None]).clip(0, 1)


def _disguised(skin: np.ndarray, face: Face, rng: np.random.Generator) -> np.ndarray:
    """Return the own face behind dark glasses and a beard that is stuck on."""
    x = (_COLUMNS - face.x) / face.half_width
    y = (_ROWS - face.y) / face.half_height
    covered = skin.copy()
    width = 0.85 * np.sqrt(np.clip(1 - (y - 0.25) ** 2, 0, 1))
    beard = (np.abs(x) < width) & (y > 0.38) & (y < 1.05)
    beard &= ~((np.abs(x) < 0.3) & (np.abs(y - 0.55) < 0.08))
    tone = np.array(rng.uniform(0.01, 0.12) * np.array([1.0, 0.75, 0.55]), np.float32)
    hairs = 1 + 0.5 * rng.standard_normal((FINE, FINE, 1)).astype(np.float32)
    covered = np.where(beard[..., None], tone * hairs.clip(0.1), covered)
    glasses = (((np.abs(x) - 0.42) / 0.34) ** 2 + ((y + 0.05) / 0.2) ** 2) < 1
    glasses |= (np.abs(x) < 0.12) & (np.abs(y + 0.08) < 0.03)
    return np.where(glasses[..., None], np.float32(0.02), covered).astype(np.float32)


def picture_of_a_head(
    photo: np.ndarray,
    face: Face,
    hair: str,
    session: Session,
    there: Presentation,
    rng: np.random.Generator,
) -> np.ndarray:
    """Return a sheet of paper, a photo print or a display that shows a photo.

    Parameters
    ----------
    photo : array
        (FINE, FINE, 3), linear light: what the attacker had, with another place's light in it.
    """
    setup = session.setups[there.kind]
    tint = np.array(setup.tint, np.float32)
    shown = setup.black + (setup.white - setup.black) * photo
    inside = _sheet(face, hair, there.edges)
    where = place_of(session, there)
    shown = _placed(shown.astype(np.float32), where, "border")
    if there.edges == "hidden":
        inside = np.ones((FINE, FINE, 1), np.float32)
    else:
        inside = _placed(inside[..., None], where, "zeros")
    colour = np.array(session.light_colour, np.float32)
    here = session.level * setup.level
    waves = _raster(setup, there)[..., None]
    glare = _glare(setup, there, 0.10)[..., None]
    if there.kind == "screen":
        # A display shines by itself: the light of the place only adds a veil and a reflection.
        own = 0.8 * shown * tint * (1 + 0.5 * waves)
        surface = own + here * colour * (setup.black + setup.gloss * glare)
    else:
        # Ink is laid as dots, most visibly where the tone is neither paper nor full ink.
        tone = np.clip(shown, 0, 1)
        strength = 0.9 if there.kind == "paper" else 0.35
        inked = tone + strength * waves * tone * (1 - tone)
        lit = inked * tint * _grain(setup, rng) * here * colour
        surface = lit + here * colour * setup.gloss * glare
    return inside * surface + (1 - inside) * _wall(session)


def _sheet(face: Face, hair: str, edges: str) -> np.ndarray:
    """Return where the sheet is before it is held up."""
    if edges == "cut":
        _, inside, _ = _head(face, hair)
        return ndimage.grey_dilation(inside, size=5).astype(np.float32)
    if edges == "visible":
        return ((np.abs(_COLUMNS - 0.5) < 0.40) & (np.abs(_ROWS - 0.5) < 0.46)).astype(np.float32)
    return np.ones((FINE, FINE), np.float32)


def needs_a_photo(kind: str) -> bool:
    """Return whether a kind shows a picture of somebody."""
    return kind in FLAT
