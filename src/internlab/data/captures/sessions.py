"""What one session of collecting shares: a place with its light, a camera, and what was brought.

Everything here is set up once a session and then stays: nobody prints a new sheet or moves the
lamp between two frames. This is the *shared offset* that lesson 03 is about.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from internlab.data.shortcuts import generator

LIGHTS = ("window", "lamp", "dim")
SPECIES = ("paper", "photo print", "screen", "mask", "disguise")
LIVE = "live"
KINDS = (LIVE, *SPECIES)
FLAT = ("paper", "photo print", "screen")
# What an attacker wants: to be taken for somebody else, or not to be recognised.
IMPERSONATION = ("paper", "photo print", "screen", "mask")
EVASION = ("disguise",)

Triple = tuple[float, float, float]

# Colour of the light (red, green, blue, green is 1) and its level, of each kind of light.
_LIGHT_COLOUR = {"window": (0.90, 1.0, 1.14), "lamp": (1.22, 1.0, 0.72), "dim": (1.08, 1.0, 0.88)}
_LIGHT_LEVEL = {"window": 1.0, "lamp": 0.7, "dim": 0.3}


@dataclass(frozen=True)
class Setup:
    """How one kind of capture is set up in a session: the instrument and where it is held.

    Parameters
    ----------
    tint : triple of float
        Colour cast of the paper stock, display or mask, 1 is neutral.
    black, white : float
        Least and greatest reflectance (or, of a display, radiance) in linear light.
    pitch : float
        Of the halftone or of the display's rows, in fine pixels (a sensor's pixel is 3).
    angle : float
        Of that raster, in degrees.
    grain : float
        Standard deviation of the surface's grain, relative.
    gloss : float
        Strength of the glare, in linear light.
    glare : pair of float
        Where the glare lies, in sides of the picture.
    distance : float
        Size of the head or sheet relative to the usual; larger is nearer.
    shift : pair of float
        Where the stand or chair is, in sides of the picture.
    level : float
        Light at that spot, relative to the place.
    """

    tint: Triple
    black: float
    white: float
    pitch: float
    angle: float
    grain: float
    gloss: float
    glare: tuple[float, float]
    distance: float
    shift: tuple[float, float]
    level: float


@dataclass(frozen=True)
class Session:
    """One day in one place.

    Parameters
    ----------
    name : str
        Such as ``"0/7"``: seed and number.
    light : str
        One of `LIGHTS`.
    light_colour : triple of float
    level : float
        Of the light.
    direction : float
        Where the key light comes from: -1 (left) to 1 (right).
    ambient : float
        Share of light that comes from everywhere, 0 to 1.
    wall : triple of float
        Reflectance of the wall behind, with `wall_gradient` across it.
    wall_gradient : float
    white_balance : triple of float
        Gains that the camera chose for this place.
    exposure : float
        What the camera brings the mean of a picture to, in linear light.
    blur : float
        Of the lens, in fine pixels.
    noise : float
        Standard deviation at full level, before gamma.
    vignette : float
        Loss of light in the corners, 0 to 1.
    setups : dict
        From a kind of `KINDS` to its `Setup`.
    """

    name: str
    light: str
    light_colour: Triple
    level: float
    direction: float
    ambient: float
    wall: Triple
    wall_gradient: float
    white_balance: Triple
    exposure: float
    blur: float
    noise: float
    vignette: float
    setups: dict[str, Setup] = field(repr=False)


def draw_session(seed: int, number: int, spread: float = 1.0, light: str | None = None) -> Session:
    """Draw a session by lot.

    Parameters
    ----------
    seed, number : int
        The same two give the same session.
    spread : float
        How far sessions lie apart: 1 as drawn, 0 makes all of them the same place, camera and
        instruments. The control of lesson 03.
    light : str, optional
        One of `LIGHTS`; by default drawn by lot.

    Raises
    ------
    ValueError
        If the spread is negative or there is no such light.
    """
    if spread < 0:
        raise ValueError(f"spread is {spread}; expected 0 (all alike) or more.")
    if light is not None and light not in LIGHTS:
        raise ValueError(f"light is {light!r}; expected one of {', '.join(LIGHTS)}.")
    rng = generator(seed, f"captures session {number}")

    def around(middle: float, half: float) -> float:
        return float(middle + spread * rng.uniform(-half, half))

    def colour(middle: Triple, half: float) -> Triple:
        return tuple(float(m * np.exp(spread * rng.uniform(-half, half))) for m in middle)

    drawn = LIGHTS[int(rng.integers(len(LIGHTS)))]
    light = light or (drawn if spread else LIGHTS[0])
    light_colour = colour(_LIGHT_COLOUR[light], 0.10)
    # A camera corrects most of the cast, and never all of it.
    corrected = 0.75
    white_balance = tuple(
        float(c**-corrected * np.exp(spread * rng.uniform(-0.06, 0.06))) for c in light_colour
    )
    return Session(
        name=f"{seed}/{number}",
        light=light,
        light_colour=light_colour,
        level=_LIGHT_LEVEL[light] * around(1.0, 0.25),
        direction=around(0.2, 0.8),
        ambient=around(0.55, 0.2),
        wall=colour((0.45, 0.45, 0.45), 0.35),
        wall_gradient=around(0.0, 0.3),
        white_balance=white_balance,
        exposure=around(0.30, 0.06),
        blur=around(1.0, 0.4),
        noise=around(0.016, 0.010) / np.sqrt(_LIGHT_LEVEL[light]),
        vignette=around(0.25, 0.2),
        setups={kind: _draw_setup(kind, rng, spread) for kind in KINDS},
    )


# Of each kind: black, white, pitch, grain, gloss in the middle of their range.
_USUAL = {
    "live": (0.0, 1.0, 0.0, 0.012, 0.05),
    "paper": (0.06, 0.82, 4.6, 0.035, 0.00),
    "photo print": (0.03, 0.90, 2.6, 0.010, 0.16),
    "screen": (0.05, 0.95, 3.2, 0.004, 0.10),
    "mask": (0.02, 0.92, 0.0, 0.010, 0.14),
    "disguise": (0.0, 1.0, 0.0, 0.012, 0.05),
}


def _draw_setup(kind: str, rng: np.random.Generator, spread: float) -> Setup:
    black, white, pitch, grain, gloss = _USUAL[kind]

    def times(value: float, half: float) -> float:
        return float(value * np.exp(spread * rng.uniform(-half, half)))

    def around(middle: float, half: float) -> float:
        return float(middle + spread * rng.uniform(-half, half))

    human = kind in (LIVE, "disguise")
    cast = 0.02 if human else 0.14
    return Setup(
        tint=tuple(times(1.0, cast) for _ in range(3)),
        black=times(black, 0.5),
        white=times(white, 0.08),
        pitch=times(pitch, 0.25),
        angle=around(20.0, 25.0),
        grain=times(grain, 0.5),
        gloss=times(gloss, 0.7),
        glare=(around(0.5, 0.3), around(0.35, 0.2)),
        distance=around(1.0, 0.12),
        shift=(around(0.0, 0.05), around(0.0, 0.04)),
        level=times(1.0, 0.3),
    )
