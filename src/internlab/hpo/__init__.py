"""The hyperparameter track: a training to be tuned, the search, and what its records say.

``training`` holds the building segmenter and its objective, ``tuning`` the search by Ray Tune or
Optuna of any objective, ``analysis`` recorded searches, replays, accounting and figures. The
command is ``python -m internlab.hpo search``.
"""
