"""The claim on a cluster that loses one of its two nodes half-way through a search."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pandas as pd

from internlab.claims import Measurement, claim
from internlab.hpo.demonstration import once, read_diary, repeated
from internlab.hpo.tuning import cluster
from internlab.hpo.tuning.outcome import Outcome
from internlab.hpo.tuning.search import Search, run
from internlab.hpo.tuning.space import LogUniform

TRIALS, EPOCHS = 6, 8


@claim(
    "hpo",
    "node-lost",
    "one of two cluster nodes killed half-way through a search, share of the trials that finish",
    equals=1.0,
)
def node_lost() -> Measurement:
    """Kill the second node after half of all epochs; return the share of finished trials."""
    with tempfile.TemporaryDirectory() as folder, cluster.two_nodes() as nodes:
        outcome, diary = search_and_lose(nodes, Path(folder))
        ran = diary["node"].map(nodes.names).value_counts()
    whole = (outcome.trials["status"] == "finished") & (outcome.trials["iterations"] == EPOCHS)
    per_node = ", ".join(f"{count} epochs on the {name} node" for name, count in ran.items())
    return Measurement(
        float(whole.mean()),
        f"{len(whole)} trials, {repeated(diary)} of {TRIALS * EPOCHS} epochs repeated; {per_node}",
    )


def search_and_lose(nodes: cluster.TwoNodes, folder: Path) -> tuple[Outcome, pd.DataFrame]:
    """Run a small search on both nodes, and lose one when half of its epochs are done.

    Parameters
    ----------
    nodes : TwoNodes
        The second node is lost afterwards.
    folder : Path
        For the search and its diary.

    Returns
    -------
    outcome : Outcome
    diary : DataFrame
        See `internlab.hpo.demonstration.read_diary`.
    """
    diary = folder / "diary.jsonl"
    search = Search(
        objective="internlab.hpo.demonstration:descend",
        space={"lr": LogUniform(1e-3, 1e-1)},
        metric="loss",
        mode="min",
        samples=TRIALS,
        max_iterations=EPOCHS,
        fixed={"epochs": EPOCHS, "seconds": 0.3, "diary": str(diary)},
    )
    half_way = once(lambda: len(read_diary(diary)) >= TRIALS * EPOCHS / 2, nodes.lose_node)
    outcome = run(search, folder / "search", progress=None)
    half_way.join()
    return outcome, read_diary(diary)
