"""The benchmark: method x data set x ratio x seed, kept run by run.

``plan_runs`` says which runs there are, ``run_grid`` computes those that a results folder lacks,
``tidy`` and ``summary`` make tables of them, ``choose`` applies a named selection rule, and
``compare`` tests a difference seed by seed.
"""

from internlab.debias.bench.grid import Outcome, Progress, run_grid
from internlab.debias.bench.journal import Journal
from internlab.debias.bench.paired import Paired, compare, holm, sign_flip
from internlab.debias.bench.plan import Run, describe, plan_runs, settings_of
from internlab.debias.bench.record import Checkpoint, Record, Scores
from internlab.debias.bench.selection import FAIR, RULES, Choice, Rule, choose
from internlab.debias.bench.sources import Source, find_methods
from internlab.debias.bench.table import against, by_seed, summary, tidy
from internlab.debias.bench.together import Conditions, default_settings, key_of
from internlab.debias.bench.tuning import best_of, budget, draw_settings

__all__ = [
    "FAIR",
    "RULES",
    "Checkpoint",
    "Choice",
    "Conditions",
    "Journal",
    "Outcome",
    "Paired",
    "Progress",
    "Record",
    "Rule",
    "Run",
    "Scores",
    "Source",
    "against",
    "best_of",
    "budget",
    "by_seed",
    "choose",
    "compare",
    "default_settings",
    "describe",
    "draw_settings",
    "find_methods",
    "holm",
    "key_of",
    "plan_runs",
    "run_grid",
    "settings_of",
    "sign_flip",
    "summary",
    "tidy",
]
