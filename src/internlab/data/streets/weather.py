"""Fog, night, and what the lens and the sensor do to a picture."""

from __future__ import annotations

import cv2
import numpy as np

from internlab.data.streets.camera import Camera
from internlab.data.streets.canvas import Canvas
from internlab.data.streets.textures import smooth_noise

DOMAINS = ("clear", "fog", "night")

_HAZE = np.float32((200, 208, 218))
_HAZE_PER_METRE = 0.002
_FOG = np.float32((205, 208, 212))
_NIGHT_SKY = np.float32((0.20, 0.22, 0.30))
_HEADLIGHTS = np.float32((0.45, 0.42, 0.34))
_LAMPLIGHT = np.float32((235, 190, 120))


def photograph(
    canvas: Canvas, camera: Camera, domain: str, rng: np.random.Generator, factor: int
) -> np.ndarray:
    """Return the picture that a camera takes of a painted scene.

    Everything pasted into the scene goes through the same fog, light, blur and noise as the rest,
    so that none of them gives it away.

    Parameters
    ----------
    canvas : Canvas
        The scene, `factor` times finer than the picture.
    domain : {"clear", "fog", "night"}
    rng : numpy.random.Generator
        The same state takes the picture in the same light, whatever the domain.
    factor : int

    Returns
    -------
    array
        (height / factor, width / factor, 3), uint8.
    """
    density = rng.uniform(0.025, 0.06)
    uneven = smooth_noise(rng, canvas.height, canvas.width, 20)[..., None]
    balance, exposure = rng.normal(1, 0.04, 3), rng.uniform(0.75, 1.15)
    blur, noise = rng.uniform(0.6, 1.3), rng.uniform(2, 6)
    if domain == "fog":
        light = _veil(canvas, _FOG, density)
    else:
        light = _veil(canvas, _HAZE, _HAZE_PER_METRE)
    light *= (1 + 0.05 * uneven) * np.float32(balance * exposure)
    if domain == "night":
        light = _night(light, canvas, camera)
        noise *= 1.6
    # A larger picture is sharper, but not in proportion: that is so with real lenses too.
    blur *= max(1.0, canvas.height / 256) ** 0.5
    light = cv2.GaussianBlur(light, (0, 0), blur)
    size = (canvas.width // factor, canvas.height // factor)
    picture = cv2.resize(light, size, interpolation=cv2.INTER_AREA)
    picture += np.float32(noise) * rng.standard_normal(picture.shape, np.float32)
    return np.clip(np.rint(picture), 0, 255).astype(np.uint8)


def _veil(canvas: Canvas, colour: np.ndarray, per_metre: float) -> np.ndarray:
    """Return the colours seen through so much fog: the further away, the less is left."""
    left = np.exp(-per_metre * canvas.distance)[..., None]
    if colour is _HAZE:  # the sky has its own haze already
        left[canvas.distance >= 300] = 1
    return colour + left * (canvas.rgb - colour)


def _night(light: np.ndarray, canvas: Canvas, camera: Camera) -> np.ndarray:
    """Return the scene by night: dark, but for the headlights' reach and what shines itself."""
    reach = np.clip(1.6 * np.exp(-canvas.distance / 14), 0, 1)
    # Dipped headlights fade out above the horizon.
    rows = np.arange(canvas.height, dtype=np.float32) / camera.horizon
    reach = (reach * np.clip(2 * rows - 1, 0, 1)[:, None])[..., None]
    shine = canvas.colour[..., 3:]
    dark = light * (_NIGHT_SKY + _HEADLIGHTS * reach * (1 - shine))
    # What shines fully is a lamp of its own colour; the rest are windows of lit rooms.
    lamps = np.where(shine == 1, canvas.rgb, _LAMPLIGHT) * (0.85 * shine)
    # Lamps dazzle: some of their light is spread around them.
    spread = 0.02 * canvas.height
    small = cv2.resize(lamps, None, fx=0.25, fy=0.25, interpolation=cv2.INTER_AREA)
    halo = cv2.resize(
        cv2.GaussianBlur(small, (0, 0), max(spread / 4, 0.8)), (canvas.width, canvas.height)
    )
    return np.maximum(dark, lamps) + 0.6 * halo
