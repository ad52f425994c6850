"""Collect frames: who, in which session, as which kind of capture."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np

from internlab.data.captures.camera import expose
from internlab.data.captures.scene import (
    EDGES,
    Presentation,
    head_in_the_room,
    needs_a_photo,
    picture_of_a_head,
    place_of,
)
from internlab.data.captures.sessions import KINDS, LIVE, Session, draw_session
from internlab.data.cards import DataCard
from internlab.data.shortcuts import Face, draw_face_parameters, generator

DISTANCES = ("near", "far")
_SIZE = {"near": 1.12, "far": 0.86}
HAIR = ("long", "short")
# The number of the session in which an attacker took somebody's photo; collectors count from 0.
ELSEWHERE = 900

CARD = DataCard(
    name="Drawn captures",
    what="48 x 48 pixel RGB frames of drawn faces before a simulated camera: live, on paper, as a "
    "photo print, on a screen, as a silicone mask, and in disguise (dark glasses and a beard). "
    "Faces are drawings, never photographs, and stand for nobody. Simulated are light and its "
    "colour, the round shape of a head, ink dots and paper grain, a display's raster, glare, "
    "sheet edges, lens blur, white balance, exposure, noise and gamma. A session (place, day, "
    "camera, one sheet, one display) shares its settings, as a real one does. Not simulated are "
    "depth of field, motion, video, JPEG, and anything a person does.",
    origin="Drawn here, by lot, from the faces of internlab.data.shortcuts.",
    licence="MIT, like the kit.",
    size_bytes=0,
    sha256="",
    split="By seed and session; which sessions are for what is up to who collects.",
)


@dataclass(frozen=True)
class Frames:
    """Captured frames and what is known about each.

    Parameters
    ----------
    images : array
        (N, 48, 48, 3), uint8 RGB.
    kinds : array
        (N,), text, of `internlab.data.captures.KINDS`.
    sessions, people : array
        (N,), text and int64: in which session, and who is shown.
    edges, lights, distances : array
        (N,), text: the case of each frame. Kinds without a sheet have the edges ``"none"``.
    heads : array
        (N, 4), float64: the middle of the head from the left and from the top, half its height,
        all in sides of the picture, and its turn in degrees. What a finder of faces would say.
    """

    images: np.ndarray
    kinds: np.ndarray
    sessions: np.ndarray
    people: np.ndarray
    edges: np.ndarray
    lights: np.ndarray
    distances: np.ndarray
    heads: np.ndarray

    @property
    def attacks(self) -> np.ndarray:
        """Which frames are attacks: (N,) bool."""
        return self.kinds != LIVE

    def __len__(self) -> int:
        return len(self.images)

    def __getitem__(self, chosen: np.ndarray) -> Frames:
        return Frames(*(getattr(self, name)[chosen] for name in self.__dataclass_fields__))


def joined(*several: Frames) -> Frames:
    """Return the frames of several sets as one."""
    names = Frames.__dataclass_fields__
    return Frames(*(np.concatenate([getattr(each, name) for each in several]) for name in names))


def capture(
    person: int,
    session: Session,
    rng: np.random.Generator,
    kind: str = LIVE,
    edges: str = "visible",
    distance: str = "near",
) -> np.ndarray:
    """Take one frame.

    Parameters
    ----------
    person : int
        0 or more: which of the drawn people.
    session : Session
    rng : Generator
        Of all that differs from frame to frame: how the head or the sheet is held, and noise.
    kind : str
        One of `KINDS`.
    edges : str
        Of a sheet or a display: one of ``"visible"``, ``"cut"``, ``"hidden"``.
    distance : str
        ``"near"`` or ``"far"``.

    Returns
    -------
    array
        (48, 48, 3), uint8 RGB.

    Raises
    ------
    ValueError
        If a kind, edges or distance is none of these.
    """
    for value, known, what in (
        (kind, KINDS, "kind"),
        (edges, EDGES, "edges"),
        (distance, DISTANCES, "distance"),
    ):
        if value not in known:
            raise ValueError(f"{what} is {value!r}; expected one of {', '.join(known)}.")
    return _take(person, session, rng, _held(kind, edges, distance, rng))[0]


def _take(
    person: int, session: Session, rng: np.random.Generator, there: Presentation
) -> tuple[np.ndarray, tuple[float, float, float, float]]:
    """Return a frame, and where the head is in it."""
    face, hair = _person(person)
    if needs_a_photo(there.kind):
        photo = _photo(person)
        scene = picture_of_a_head(photo, face, hair, session, there, rng)
    else:
        scene = head_in_the_room(face, hair, session, there, rng)
    where = place_of(session, there)
    head = (*where.forward(face.x, face.y), face.half_height * where.size, there.angle)
    return expose(scene, session, rng), head


@lru_cache(maxsize=512)
def _photo(person: int) -> np.ndarray:
    """Return the photo that an attacker has of somebody, taken elsewhere in another light."""
    face, hair = _person(person)
    elsewhere = draw_session(person, ELSEWHERE)
    posed = Presentation(LIVE, "visible", 1.0, 0.0, (0.0, 0.0), (0.0, 0.0))
    chair = replace(elsewhere.setups[LIVE], distance=1.0, shift=(0.0, 0.0))
    elsewhere = replace(elsewhere, setups={LIVE: chair})
    photo = head_in_the_room(face, hair, elsewhere, posed, generator(person, "captures photo"))
    return np.clip(photo * (0.3 / photo.mean()), 0, 1)


def collect(
    sessions: Sequence[Session],
    people: Sequence[int],
    seed: int,
    live_per_person: int = 2,
    kinds: Sequence[str] = KINDS,
    edges: Sequence[str] = EDGES,
    distances: Sequence[str] = DISTANCES,
) -> Frames:
    """Collect live frames and attacks of the same people in several sessions.

    In each session each person is captured live `live_per_person` times and once as each attack
    kind, with edges and distance drawn by lot from those given.

    Raises
    ------
    ValueError
        If there is no session or nobody to capture.
    """
    if not sessions or not len(people):
        raise ValueError(
            f"{len(sessions)} sessions and {len(people)} people; expected at least one of each."
        )
    rows = []
    for session in sessions:
        rng = generator(seed, f"captures frames {session.name}")
        for person in people:
            for kind in kinds:
                for _ in range(live_per_person if kind == LIVE else 1):
                    held = edges[int(rng.integers(len(edges)))]
                    distance = distances[int(rng.integers(len(distances)))]
                    there = _held(kind, held, distance, rng)
                    image, head = _take(person, session, rng, there)
                    shown = held if needs_a_photo(kind) else "none"
                    facts = (kind, session.name, person, shown, session.light, distance)
                    rows.append((image, *facts, head))
    return Frames(*(np.array(column) for column in zip(*rows, strict=True)))


def _held(kind: str, edges: str, distance: str, rng: np.random.Generator) -> Presentation:
    """Draw what differs from frame to frame."""
    return Presentation(
        kind=kind,
        edges=edges,
        size=_SIZE[distance] * rng.uniform(0.96, 1.04),
        angle=rng.normal(0, 3),
        shift=(rng.normal(0, 0.02), rng.normal(0, 0.02)),
        glare_shift=(rng.normal(0, 0.04), rng.normal(0, 0.04)),
    )


@lru_cache(maxsize=4096)
def _person(number: int) -> tuple[Face, str]:
    """Return the face and the hair of a person, by lot."""
    if number < 0:
        raise ValueError(f"person is {number}; expected 0 or more.")
    rng = generator(number, "captures person")
    return draw_face_parameters(number % 2, rng), HAIR[int(rng.integers(2))]
