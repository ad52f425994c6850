"""Draw a face with short or long hair. Nothing is drawn by lot here: a face is drawn as it is."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageDraw

from internlab.data.shortcuts.faces import Colour, Face

SIDE = 32
LARGEST_SIDE = 512
# Drawn so many times larger and then averaged down, which smooths the edges.
OVERSAMPLING = 4

LIPS = (176, 74, 72)
DARK = (30, 24, 24)


def draw_portrait(face: Face, hair: str, side: int = SIDE) -> np.ndarray:
    """Draw a face.

    Parameters
    ----------
    face : Face
    hair : str
        ``"short"`` or ``"long"``. Nothing else changes with it.
    side : int
        Height and width in pixels, 16 to 512.

    Returns
    -------
    array
        (side, side, 3), uint8 RGB.

    Raises
    ------
    ValueError
        If the hair or the side is none of these.
    TypeError
        If `face` is no `Face`.
    """
    if not isinstance(face, Face):
        raise TypeError(
            f"face is {face!r}; expected a Face, as draw_face_parameters or portrait_faces returns."
        )
    if hair not in ("short", "long"):
        raise ValueError(f"hair is {hair!r}; expected 'short' or 'long'.")
    if not 16 <= side <= LARGEST_SIDE:
        raise ValueError(f"side is {side}; expected 16 to {LARGEST_SIDE} pixels.")
    canvas = _Canvas(face, side * OVERSAMPLING)
    if hair == "long":
        _long_hair_behind(canvas)
    _shoulders(canvas)
    _hair_round_the_head(canvas)
    if hair == "short":
        _ears(canvas)
    _head(canvas)
    _eyes(canvas)
    _nose_and_mouth(canvas)
    _cap(canvas)
    if hair == "long":
        _long_hair_in_front(canvas)
    if face.glasses:
        _glasses(canvas)
    return np.asarray(canvas.image.reduce(OVERSAMPLING))


def hair_region(face: Face, side: int = SIDE) -> np.ndarray:
    """Return where the length of the hair shows: (side, side) bool, True where pixels differ."""
    short, long = (draw_portrait(face, hair, side) for hair in ("short", "long"))
    return (short != long).any(axis=2)


class _Canvas:
    """A picture whose points are given from the head's centre, in halves of its width and height.

    (-1, 0) is the left cheek, (0, 1) the chin, (0, -1) the crown.
    """

    def __init__(self, face: Face, side: int) -> None:
        self.face = face
        self.image = Image.new("RGB", (side, side), face.background)
        self.pencil = ImageDraw.Draw(self.image)
        self.scale = np.array([face.half_width, face.half_height]) * side
        self.centre = np.array([face.x, face.y]) * side

    def area(self, points: np.ndarray, colour: Colour) -> None:
        """Fill a polygon (n, 2)."""
        self.pencil.polygon(self._pixels(points), fill=colour)

    def stroke(self, points: np.ndarray, thickness: float, colour: Colour) -> None:
        """Draw a line through points (n, 2), its thickness in halves of the head's height."""
        width = max(1, round(thickness * self.scale[1]))
        self.pencil.line(self._pixels(points), fill=colour, width=width, joint="curve")

    def oval(self, centre: tuple[float, float], radii: tuple[float, float], colour: Colour) -> None:
        """Fill an ellipse."""
        middle = self.centre + np.array(centre) * self.scale
        reach = np.array(radii) * self.scale
        self.pencil.ellipse([*(middle - reach), *(middle + reach)], fill=colour)

    def _pixels(self, points: np.ndarray) -> list[tuple[float, float]]:
        return [tuple(point) for point in (self.centre + np.asarray(points) * self.scale).tolist()]


def _shade(colour: Colour, factor: float) -> Colour:
    """Darken (below 1) or lighten (above 1) a colour."""
    toward = 0 if factor < 1 else 255
    share = abs(1 - factor)
    return tuple(int(value + (toward - value) * share) for value in colour)


def _mixed(one: Colour, other: Colour, share: float) -> Colour:
    return tuple(int(a + (b - a) * share) for a, b in zip(one, other, strict=True))


def _outline(face: Face, grow: float = 1.0) -> np.ndarray:
    """Return the head as a polygon (64, 2): an ellipse above, the family's jaw and chin below."""
    angle = np.linspace(0, 2 * np.pi, 64, endpoint=False)
    across, down = np.cos(angle), np.sin(angle)
    power = np.where(down > 0, 2 / face.chin, 2 / 2.2)
    x = np.sign(across) * np.abs(across) ** power
    y = np.sign(down) * np.abs(down) ** power
    # The head narrows from the cheeks down to the jaw.
    x = x * (1 - (1 - face.jaw) * y.clip(0) ** 0.8)
    return np.stack([x, y], 1) * grow


def _shoulders(canvas: _Canvas) -> None:
    face = canvas.face
    turn = np.linspace(-np.pi / 2, np.pi / 2, 24)
    body = np.stack([2.05 * np.sin(turn), 2.5 - 1.22 * np.cos(turn) ** 0.7], 1)
    canvas.area(body, face.shirt)
    canvas.area(body * [0.93, 1] + [-0.1, 0.16], _shade(face.shirt, 1.08))
    # Neck, its shadow below the chin, and the neckline.
    canvas.oval((0, 1.34), (0.56, 0.26), _shade(face.shirt, 0.82))
    canvas.oval((0, 1.30), (0.50, 0.24), face.skin)
    neck = np.array([[-0.42, 0.5], [0.42, 0.5], [0.44, 1.34], [-0.44, 1.34]])
    canvas.area(neck, face.skin)
    canvas.area(_outline(face) * [0.72, 1] + [0.02, 0.14], _shade(face.skin, 0.80))


def _ears(canvas: _Canvas) -> None:
    skin = canvas.face.skin
    for sign in (-1, 1):
        canvas.oval((sign * 1.0, 0.08), (0.15, 0.19), _shade(skin, 0.94))
        canvas.oval((sign * 1.01, 0.08), (0.07, 0.11), _shade(skin, 0.82))


def _head(canvas: _Canvas) -> None:
    face = canvas.face
    outline = _outline(face)
    canvas.area(outline, _shade(face.skin, 0.88))
    # Lit from the left: the shade stays on the right edge.
    lit = outline * [0.95, 0.985] + [-0.045, -0.012]
    canvas.area(lit, face.skin)
    for sign in (-1, 1):
        canvas.oval((sign * 0.56, 0.34), (0.17, 0.10), _mixed(face.skin, (226, 96, 84), 0.13))
    if face.stubble:
        _stubble(canvas)


def _stubble(canvas: _Canvas) -> None:
    """Shade the lower face, with the mouth left free."""
    face = canvas.face
    shade = _mixed(face.skin, _mixed(face.hair, DARK, 0.4), 0.55 * face.stubble)
    outline = _outline(face, 0.985)
    lower = outline[outline[:, 1] > 0.22]
    lower = lower[np.argsort(-np.arctan2(lower[:, 1], lower[:, 0]))]
    top = np.array([[0.74, 0.34], [0.45, 0.42], [0.22, 0.36], [-0.22, 0.36], [-0.45, 0.42]])
    canvas.area(np.concatenate([lower, top, [[-0.74, 0.34]]]), shade)
    canvas.oval((0, 0.585), (0.27 * face.mouth_width, 0.085), face.skin)


def _eyes(canvas: _Canvas) -> None:
    face = canvas.face
    wide, high = 0.185 * face.eye_size, 0.088 * face.eye_size
    brow = _shade(_mixed(face.hair, DARK, 0.45), 0.9)
    for sign in (-1, 1):
        x, y = sign * 0.42 * face.eye_distance, -0.02
        canvas.oval((x, y), (wide, high), (250, 249, 246))
        canvas.oval((x, y + 0.004), (0.095, 0.080), face.eyes)
        canvas.oval((x, y + 0.004), (0.050, 0.042), DARK)
        canvas.oval((x - 0.03, y - 0.03), (0.026, 0.022), (255, 255, 255))
        along = np.linspace(-1, 1, 9)
        lid = np.stack([x + wide * 1.06 * along, y - high * np.sqrt(1 - (0.98 * along) ** 2)], 1)
        canvas.stroke(lid, 0.026, _shade(face.skin, 0.42))
        # A brow is a crescent: its arch is the family's, and so is its thickness.
        upper = y - 0.20 - face.brow_arch * (1 - along**2) * 1.3
        half = face.brow_thickness / 2 * (1.15 - 0.55 * sign * along) ** 0.6
        x_brow = x + 0.27 * along
        edge = np.stack([x_brow, upper - half], 1)
        back = np.stack([x_brow, upper + half], 1)[::-1]
        canvas.area(np.concatenate([edge, back]), brow)


def _nose_and_mouth(canvas: _Canvas) -> None:
    face = canvas.face
    length = 0.24 * face.nose
    bridge = np.array([[0.04, 0.06], [0.075, 0.06 + length], [0.0, 0.09 + length]])
    canvas.stroke(bridge, 0.03, _shade(face.skin, 0.76))
    along = np.linspace(-1, 1, 11)
    wide = 0.25 * face.mouth_width
    curve = 0.56 + 0.07 * face.smile * (1 - along**2)
    lips = _mixed(LIPS, face.skin, 0.30)
    lower = np.stack([wide * 0.8 * along, curve + 0.055 * (1 - along**2)], 1)
    upper = np.stack([wide * along, curve - 0.028 * (1 - along**2)], 1)
    canvas.area(np.concatenate([upper, lower[::-1]]), lips)
    canvas.stroke(np.stack([wide * along, curve], 1), 0.022, _shade(lips, 0.62))


def _glasses(canvas: _Canvas) -> None:
    face = canvas.face
    turn = np.linspace(0, 2 * np.pi, 25)
    frame = (44, 42, 52)
    for sign in (-1, 1):
        x = sign * 0.42 * face.eye_distance
        rim = np.stack([x + 0.29 * np.cos(turn), 0.0 + 0.185 * np.sin(turn)], 1)
        canvas.stroke(rim, 0.030, frame)
        canvas.stroke(np.array([[x + sign * 0.29, -0.02], [sign * 0.99, -0.06]]), 0.028, frame)
    gap = 0.42 * face.eye_distance - 0.29
    canvas.stroke(np.array([[-gap, -0.03], [gap, -0.03]]), 0.030, frame)


def _hair_round_the_head(canvas: _Canvas) -> None:
    """Draw the hair behind the temples, so that no background shows between them and the fringe."""
    canvas.area(
        np.concatenate([_crown(canvas.face), [[0.7, 0.04], [-0.7, 0.04]]]), canvas.face.hair
    )


def _crown(face: Face) -> np.ndarray:
    """Return the outer edge of the hair on the head (32, 2), over the crown from left to right."""
    turn = np.linspace(np.pi, 2 * np.pi, 32)
    out, up = 1.02 + 0.6 * face.volume, 1.05 + face.volume
    return np.stack([out * np.cos(turn), up * np.sin(turn) - 0.02], 1)


def _cap(canvas: _Canvas) -> None:
    """Draw the hair on the head, which is the same for either length."""
    face = canvas.face
    crown = _crown(face)
    # The fringe comes down from the parting to both temples.
    across = np.linspace(0.93, -0.93, 25)
    part = 0.55 * face.parting
    away = np.abs(across - part) / (0.93 + abs(part))
    hairline = -1 + face.fringe * (0.50 + 0.85 * np.sqrt(away)) * (1 - 0.12 * across**2)
    # No wider than the hair that it hangs from.
    widest = crown[-1, 0] * np.sqrt(1 - ((hairline + 0.02) / (1.05 + face.volume)) ** 2)
    fringe = np.stack([across.clip(-widest, widest), hairline], 1)
    left, right = crown[0, 0], crown[-1, 0]
    ends = [[right - 0.01, -0.04], [0.96, 0.02]], [[-0.96, 0.02], [left + 0.01, -0.04]]
    canvas.area(np.concatenate([crown, ends[0], fringe, ends[1]]), face.hair)
    light = _mixed(face.hair, (255, 250, 240), 0.18)
    shine = crown[4:13]
    for offset, thickness in ((0.80, 0.05), (0.92, 0.03)):
        canvas.stroke(shine * offset, thickness, light)


def _long_hair_behind(canvas: _Canvas) -> None:
    face = canvas.face
    edge = _curtain(face, 1)
    canvas.area(np.concatenate([edge, (edge * [-1, 1])[::-1]]), _shade(face.hair, 0.78))
    top = edge[edge[:, 1] < 0]
    canvas.area(np.concatenate([top, (top * [-1, 1])[::-1]]), face.hair)


def _long_hair_in_front(canvas: _Canvas) -> None:
    """Let a curtain of hair fall at each side of the face, over ears and shoulders."""
    face = canvas.face
    light = _mixed(face.hair, (255, 250, 240), 0.18)
    for sign in (-1, 1):
        outer = _curtain(face, sign)
        down = np.linspace(1, 0, 14)
        low, high = 0.94 * face.length, -0.5
        y = high + (low - high) * down
        # Beside the cheeks, then drawn in a little below the chin.
        x = 0.985 - 0.20 * np.clip(y - 0.55, 0, 1) + 0.5 * face.wave * np.sin(5 * y)
        inner = np.stack([np.maximum(x, 0.6) * sign, y], 1)
        canvas.area(np.concatenate([outer, inner]), face.hair)
        strand = outer[9:-3] * [0.91, 0.97]
        canvas.stroke(strand, 0.035, light if sign < 0 else _shade(face.hair, 0.86))


def _curtain(face: Face, sign: int) -> np.ndarray:
    """Return the outer edge of long hair on one side (28, 2), from the crown down."""
    width = 1.16 + 0.8 * face.volume
    turn = np.linspace(0, np.pi / 2, 12)
    top = np.stack([width * np.sin(turn), -0.15 - (0.93 + face.volume) * np.cos(turn)], 1)
    down = np.linspace(0, 1, 17)[1:]
    ripple = face.wave * np.sin(7 * down) * down
    x = width + 0.10 * down + ripple - 0.35 * np.clip(down - 0.85, 0, 1)
    fall = np.stack([x, -0.15 + (face.length + 0.15) * down], 1)
    return np.concatenate([top, fall]) * [sign, 1]
