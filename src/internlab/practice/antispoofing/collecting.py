"""The collections of lesson 03: which sessions and which people are for what."""

from __future__ import annotations

from dataclasses import dataclass

from internlab.data.captures import Frames, Session, collect, draw_session

# Sessions 0 to 7 are to develop on; 100 and above are other days in other places, for testing.
# People are numbered alike: those from 100 on are met in no development session.
SESSIONS = 8
ELSEWHERE = 100


@dataclass(frozen=True)
class Sizes:
    """How much is captured for one seed.

    Parameters
    ----------
    sessions, people : int
        To develop on.
    test_sessions, test_people : int
    live : int
        Live frames of a person in a session; there is one of each attack species.
    """

    sessions: int = SESSIONS
    people: int = 12
    test_sessions: int = 6
    test_people: int = 6
    live: int = 3


def development(seed: int, sizes: Sizes, spread: float = 1.0) -> Frames:
    """Return the frames of the sessions to develop on.

    Parameters
    ----------
    seed : int
        Other places, cameras, instruments and frames; the people are others as well.
    sizes : Sizes
    spread : float
        How far sessions lie apart; see `internlab.data.captures.draw_session`.
    """
    sessions = [draw_session(seed, number, spread) for number in range(sizes.sessions)]
    return collect(sessions, people_of(seed, sizes.people), seed, sizes.live)


def people_of(seed: int, count: int) -> range:
    """Return the people who take part in the development sessions of a seed."""
    return range(1000 * seed, 1000 * seed + count)


def other_days(seed: int, sizes: Sizes, first: int = ELSEWHERE) -> Frames:
    """Return frames of other people on other days in other places.

    Parameters
    ----------
    seed : int
    sizes : Sizes
    first : int
        Number of the first session, and of the first person. Two collections share neither if
        their `first` lie further apart than either has sessions or people.
    """
    sessions = [draw_session(seed, first + number) for number in range(sizes.test_sessions)]
    start = 1000 * seed + first
    return collect(sessions, range(start, start + sizes.test_people), seed, sizes.live)


def more_people(seed: int, sessions: list[Session], already: int, count: int, live: int) -> Frames:
    """Return frames of further people in sessions that are set up already."""
    start = 1000 * seed + already
    # Another seed for the frames: those of the first people must not come back.
    return collect(sessions, range(start, start + count), seed + 10_000, live)
