"""A face matcher: does a frame show a certain person. Attacks of one goal need it, others fear it.

Heads are cut out where the drawing put them, which stands for a finder of faces that never errs.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage
from sklearn.decomposition import PCA
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.pipeline import make_pipeline

from internlab.data.captures import LIVE, Frames, collect, draw_session

SIDE = 20
# Who and where the matcher was fitted; nobody and no session of the lesson is among them.
PEOPLE = range(300, 348)
SESSION_SEED = 50


def cut_out(frames: Frames) -> NDArray[np.float64]:
    """Return heads upright, of one size, without the colour and the level of the light: (N, D)."""
    along = (np.arange(SIDE) + 0.5) / SIDE * 2 - 1
    right, down = np.meshgrid(0.8 * along, along)
    side = frames.images.shape[1]
    heads = []
    for image, (x, y, half_height, angle) in zip(frames.images, frames.heads, strict=True):
        c, s = np.cos(np.deg2rad(angle)), np.sin(np.deg2rad(angle))
        columns = (x + half_height * (c * right - s * down)) * side - 0.5
        rows = (y + half_height * (s * right + c * down)) * side - 0.5
        where = [rows, columns]
        planes = [
            ndimage.map_coordinates(plane, where, order=1, mode="nearest")
            for plane in image.astype(float).transpose(2, 0, 1)
        ]
        heads.append(planes)
    tones = np.log(np.array(heads) / 255 + 0.05)
    # A channel's mean is the light's colour, and the spread of all its strength.
    tones -= tones.mean(axis=(2, 3), keepdims=True)
    tones /= tones.std(axis=(1, 2, 3), keepdims=True)
    return tones.reshape(len(tones), -1)


class Matcher:
    """Linear discriminants of people, compared by the cosine.

    Parameters
    ----------
    frames : Frames
        Live frames of people who are not met again.
    false_matches : float
        Share of pairs of different people, of these frames' held-out half, that may match.
    """

    def __init__(self, frames: Frames, false_matches: float = 0.01) -> None:
        people = np.unique(frames.people)
        fitted = np.isin(frames.people, people[::2])
        inputs = cut_out(frames)
        components = min(24, len(people[::2]) - 1)
        self._embed = make_pipeline(
            PCA(min(80, int(fitted.sum()) - 1), random_state=0),
            LinearDiscriminantAnalysis(n_components=components, solver="eigen", shrinkage=0.1),
        ).fit(inputs[fitted], frames.people[fitted])
        others = self._unit(inputs[~fitted])
        different = frames.people[~fitted][:, None] != frames.people[~fitted]
        self.threshold = float(np.quantile((others @ others.T)[different], 1 - false_matches))

    def _unit(self, inputs: NDArray[np.float64]) -> NDArray[np.float64]:
        found = self._embed.transform(inputs)
        return found / np.linalg.norm(found, axis=1, keepdims=True)

    def matches(self, frames: Frames, enrolled: Frames) -> NDArray[np.bool_]:
        """Return whether each frame is taken for the person whom it shows: (N,), bool.

        Parameters
        ----------
        frames : Frames
        enrolled : Frames
            Live frames; those of a person are averaged.

        Raises
        ------
        ValueError
            If somebody is not enrolled.
        """
        missing = np.setdiff1d(frames.people, enrolled.people)
        if missing.size:
            raise ValueError(f"People {missing.tolist()} are not enrolled; expected a live frame.")
        known, probes = self._unit(cut_out(enrolled)), self._unit(cut_out(frames))
        templates = np.stack([known[enrolled.people == p].mean(axis=0) for p in frames.people])
        templates /= np.linalg.norm(templates, axis=1, keepdims=True)
        return (probes * templates).sum(axis=1) >= self.threshold


def fit_matcher(people: int = len(PEOPLE), sessions: int = 4) -> Matcher:
    """Fit the matcher on live frames of people and sessions of its own."""
    where = [draw_session(SESSION_SEED, number) for number in range(sessions)]
    frames = collect(where, PEOPLE[:people], SESSION_SEED, live_per_person=1, kinds=(LIVE,))
    return Matcher(frames)
