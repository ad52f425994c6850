"""What is checked before a search spends a trial."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

from internlab.hpo.tuning import ray_session
from internlab.hpo.tuning.space import Choice

if TYPE_CHECKING:
    from internlab.hpo.tuning.search import Search


def check_plain(search: Search) -> None:
    """Refuse values that a file cannot hold: the record has to give them back as they were.

    Raises
    ------
    ValueError
        If a fixed value or a choice of the space does not come back equal from JSON.
    """
    values = dict(search.fixed)
    for name, each in search.space.items():
        if isinstance(each, Choice):
            values[name] = list(each.values)
    for name, value in values.items():
        try:
            kept = json.loads(json.dumps(value)) == value
        except (TypeError, ValueError):
            kept = False
        if not kept:
            raise ValueError(
                f"Hyperparameter {name!r} has the value {value!r}; expected numbers, strings, "
                "True, False or None, which the search can write down. Build anything else, such "
                "as data, inside the objective."
            )


def check_machine(search: Search) -> None:
    """Refuse more trials at a time than this machine has CPUs, if Ray is still to be started.

    Raises
    ------
    ValueError
        If `search.parallel` is larger than the number of CPUs.
    """
    if ray_session.is_running():
        return
    cpus = os.cpu_count() or 1
    if search.parallel > cpus:
        raise ValueError(
            f"parallel is {search.parallel}, but this machine has {cpus} CPUs; expected at most "
            "as many. More trials at a time would only make each of them slower."
        )


def check_ray(search: Search) -> None:
    """Refuse what the running Ray cannot give: its trials would wait for ever.

    Raises
    ------
    ValueError
        If the search wants more CPUs or GPUs than Ray has.
    """
    import ray

    has = ray.cluster_resources()
    if search.parallel > has.get("CPU", 0):
        raise ValueError(
            f"parallel is {search.parallel}, but the running Ray has {has.get('CPU', 0):.0f} CPUs; "
            "expected at most as many. Start it with more, or lower parallel."
        )
    if search.gpu_per_trial > has.get("GPU", 0):
        raise ValueError(
            f"gpu_per_trial is {search.gpu_per_trial}, but Ray sees {has.get('GPU', 0):.0f} GPUs; "
            "no trial could ever start. Set it to 0 to train on the CPU."
        )
