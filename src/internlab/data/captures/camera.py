"""Take the picture: lens, sensor, white balance, exposure, noise, gamma, eight bits."""

from __future__ import annotations

import numpy as np
from scipy import ndimage

from internlab.data.captures.scene import SENSOR, STEP
from internlab.data.captures.sessions import Session

_Y, _X = (np.mgrid[:SENSOR, :SENSOR] + 0.5) / SENSOR - 0.5


def expose(scene: np.ndarray, session: Session, rng: np.random.Generator) -> np.ndarray:
    """Return the frame that a session's camera takes of a scene.

    Parameters
    ----------
    scene : array
        (FINE, FINE, 3), linear light, 0 or more.
    session : Session
    rng : Generator
        Of the noise.

    Returns
    -------
    array
        (SENSOR, SENSOR, 3), uint8 RGB.
    """
    lens = ndimage.gaussian_filter(scene, (session.blur, session.blur, 0))
    # A sensor's pixel is sensitive in two thirds of its width, which is what leaves moire.
    sampled = lens.reshape(SENSOR, STEP, SENSOR, STEP, 3)[:, :2, :, :2].mean(axis=(1, 3))
    balanced = sampled * np.array(session.white_balance, np.float32)
    falloff = 1 - session.vignette * 2 * (_X**2 + _Y**2)
    raw = balanced * falloff[..., None]
    raw = raw * (session.exposure / max(float(raw.mean()), 1e-6))
    # Photons come one by one: the noise grows with the root of the light.
    noise = session.noise * np.sqrt(raw.clip(0) + 0.05) * rng.standard_normal(raw.shape)
    shown = (raw + noise).clip(0, 1) ** (1 / 2.2)
    return np.round(255 * shown).astype(np.uint8)
