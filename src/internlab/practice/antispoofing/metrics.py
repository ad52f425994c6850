"""Error rates of presentation attack detection, as ISO/IEC 30107-3 tells them apart.

Everywhere a *score* says how much a frame looks like an attack, and a frame is called an attack
where its score is at least the threshold. A *kind* is ``"live"`` (bona fide) or the name of an
attack instrument species.

References
----------
ISO/IEC 30107-3:2023, Biometric presentation attack detection, part 3: testing and reporting,
section 3.2 (metrics). Ngan, Grother and Hom, NIST IR 8491, 2023, doi 10.6028/NIST.IR.8491.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.stats import beta

LIVE = "live"


def apcer(scores: ArrayLike, kinds: ArrayLike, threshold: float) -> dict[str, float]:
    """Return the attack presentation classification error rate of each species.

    The share of a species' attacks that are taken for live. The standard asks for it species by
    species and for the worst: a mean would let many easy attacks hide a hard one.

    Parameters
    ----------
    scores : array
        (N,), finite; larger looks more like an attack.
    kinds : array
        (N,), text.
    threshold : float

    Returns
    -------
    dict
        From species, in the order of the alphabet, to a share in [0, 1].

    Raises
    ------
    ValueError
        If there is no attack, or the arrays do not fit.

    Examples
    --------
    >>> apcer([0.9, 0.2, 0.8], ["paper", "paper", "mask"], 0.5)
    {'mask': 0.0, 'paper': 0.5}
    """
    scores, kinds = _pair(scores, kinds)
    species = _species(kinds)
    return {each: float((scores[kinds == each] < threshold).mean()) for each in species}


def worst(rates: Mapping[str, float]) -> tuple[str, float]:
    """Return the species with the largest error rate, and that rate; of equal ones the first."""
    if not rates:
        raise ValueError("No species has a rate; expected at least one.")
    name = max(rates, key=lambda each: rates[each])
    return name, rates[name]


def bpcer(scores: ArrayLike, kinds: ArrayLike, threshold: float) -> float:
    """Return the bona fide presentation classification error rate: live people turned away.

    Raises
    ------
    ValueError
        If there is no live frame, or the arrays do not fit.
    """
    scores, kinds = _pair(scores, kinds)
    return float((_live(scores, kinds) >= threshold).mean())


def balanced_error(scores: ArrayLike, kinds: ArrayLike, threshold: float) -> float:
    """Return the mean of BPCER and of the mean APCER over the species.

    Not a rate of the standard: here it compares splits, because the maximum over a few species of
    a few frames each moves a lot by luck.
    """
    rates = apcer(scores, kinds, threshold)
    return (bpcer(scores, kinds, threshold) + sum(rates.values()) / len(rates)) / 2


def threshold_at_apcer(scores: ArrayLike, kinds: ArrayLike, limit: float = 0.05) -> float:
    """Return the largest threshold at which no species' APCER is above a limit.

    Raises
    ------
    ValueError
        If the limit is not in [0, 1), or there is no attack.
    """
    if not 0 <= limit < 1:
        raise ValueError(f"limit is {limit}; expected a share from 0 to below 1, such as 0.05.")
    scores, kinds = _pair(scores, kinds)
    found = math.inf
    for each in _species(kinds):
        ordered = np.sort(scores[kinds == each])
        # So many may be missed; the next one must not be. 1e-9: 0.07 * 100 is 7.000000000000001.
        allowed = math.floor(limit * ordered.size + 1e-9)
        found = min(found, float(ordered[allowed]))
    return found


def bpcer_at_apcer(scores: ArrayLike, kinds: ArrayLike, limit: float = 0.05) -> float:
    """Return the BPCER where every species' APCER is at most the limit (5 %: "BPCER20")."""
    return bpcer(scores, kinds, threshold_at_apcer(scores, kinds, limit))


@dataclass(frozen=True)
class Det:
    """Every trade of one error for the other: detection error trade-off.

    Parameters
    ----------
    thresholds, apcer, bpcer : array
        (K,); `apcer` is that of the worst species.
    """

    thresholds: NDArray[np.float64]
    apcer: NDArray[np.float64]
    bpcer: NDArray[np.float64]


def det(scores: ArrayLike, kinds: ArrayLike) -> Det:
    """Return the error rates at every threshold that makes a difference."""
    scores, kinds = _pair(scores, kinds)
    thresholds = np.append(np.unique(scores), np.inf)
    live = np.sort(_live(scores, kinds))
    turned_away = 1 - np.searchsorted(live, thresholds, side="left") / live.size
    missed = np.zeros(thresholds.size)
    for each in _species(kinds):
        ordered = np.sort(scores[kinds == each])
        share = np.searchsorted(ordered, thresholds, side="left") / ordered.size
        missed = np.maximum(missed, share)
    return Det(thresholds, missed, turned_away)


def impersonation_rate(scores: ArrayLike, matches: ArrayLike, threshold: float) -> float:
    """Return the share of impersonations that succeed against the whole system.

    Detector *and* face matcher must be fooled: taken for live, and for the victim. The standard
    calls it the impostor attack presentation accept rate (IAPAR; IAPMR in the edition of 2017).

    Parameters
    ----------
    scores : array
        (N,), of attacks of one species.
    matches : array
        (N,), bool: whether the matcher takes the frame for the victim.
    threshold : float
    """
    scores, matches = _attacks(scores, matches)
    return float(((scores < threshold) & matches).mean())


def evasion_rate(scores: ArrayLike, matches: ArrayLike, threshold: float) -> float:
    """Return the share of evasions that succeed against the whole system.

    Taken for live, and *not* for oneself. The matcher, which helps against impersonation, is what
    the attacker of this kind wants to fail. The concealer attack presentation non-match rate of
    the standard (CAPNMR in the edition of 2017) counts every attack in which the concealer's own
    reference is not matched, and so also one that the detector stops. This rate does not.

    Parameters
    ----------
    scores : array
        (N,), of attacks of one species.
    matches : array
        (N,), bool: whether the matcher takes the frame for the person who it is.
    threshold : float
    """
    scores, matches = _attacks(scores, matches)
    return float(((scores < threshold) & ~matches).mean())


def at_most(count: int, of: int, confidence: float = 0.95) -> float:
    """Return the largest rate that so few events of so many still allow (Clopper and Pearson).

    One-sided and exact, for trials that do not depend on each other. Frames of one session do, so
    for them even this is too hopeful.

    Raises
    ------
    ValueError
        If there is no trial, or fewer trials than events.

    Examples
    --------
    >>> round(at_most(0, 30), 3)  # about 3 / 30
    0.095
    """
    if not 0 <= count <= of or not of:
        raise ValueError(f"{count} of {of}; expected at least one trial, and no more events.")
    return 1.0 if count == of else float(beta.ppf(confidence, count + 1, of - count))


def _pair(scores: ArrayLike, kinds: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.str_]]:
    scores, kinds = np.asarray(scores, dtype=float), np.asarray(kinds, dtype=str)
    if scores.ndim != 1 or scores.shape != kinds.shape:
        raise ValueError(
            f"scores have the shape {scores.shape} and kinds {kinds.shape}; expected one score and "
            "one kind for each frame."
        )
    if not np.isfinite(scores).all():
        raise ValueError("A score is not finite; expected a number for every frame.")
    return scores, kinds


def _species(kinds: NDArray[np.str_]) -> list[str]:
    species = [str(each) for each in np.unique(kinds) if each != LIVE]
    if not species:
        raise ValueError(f"No frame is an attack; expected kinds other than {LIVE!r}.")
    return species


def _live(scores: NDArray[np.float64], kinds: NDArray[np.str_]) -> NDArray[np.float64]:
    live = scores[kinds == LIVE]
    if not live.size:
        raise ValueError(f"No frame is {LIVE!r}; expected at least one bona fide presentation.")
    return live


def _attacks(
    scores: ArrayLike, matches: ArrayLike
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    scores, matches = np.asarray(scores, dtype=float), np.asarray(matches)
    if scores.ndim != 1 or scores.shape != matches.shape or not scores.size:
        raise ValueError(
            f"scores have the shape {scores.shape} and matches {matches.shape}; expected one of "
            "each for every attack, and at least one attack."
        )
    if matches.dtype != bool:
        raise ValueError(f"matches are {matches.dtype}; expected bool, True where it matches.")
    return scores, matches
