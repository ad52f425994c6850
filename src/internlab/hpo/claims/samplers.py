"""What a sampler that learns gains over one that draws at random."""

from __future__ import annotations

import numpy as np

from internlab.claims import Measurement, claim
from internlab.hpo.analysis.curves import SEARCHES, last_epochs, load_curves
from internlab.hpo.analysis.tpe_searches import load_tpe, race


@claim(
    "hpo",
    "tpe-against-random",
    "TPE + ASHA minus random at equal CPU-seconds: test IoU of the choice, mean of 3 search seeds",
    reported=True,
)
def tpe_against_random() -> Measurement:
    """Race the recorded searches of each seed."""
    runs, tpe = last_epochs(load_curves()), load_tpe()
    races = [race(runs[runs.search == seed], tpe[tpe.search == seed]) for seed in SEARCHES]
    test, validation = (np.array([each[on] for each in races]) for on in ("test", "validation"))
    error = test.std(ddof=1) / np.sqrt(len(test))
    detail = (
        f"{_list(test)}, standard error {error:.3f}; on validation {_list(validation)}; trials "
        f"that ended in time {', '.join(str(each['tpe_trials']) for each in races)} against "
        f"{', '.join(str(each['random_trials']) for each in races)}"
    )
    return Measurement(float(test.mean()), detail)


def _list(values: np.ndarray) -> str:
    return ", ".join(f"{value:+.3f}" for value in values)
