"""The claims of the debiasing track; importing this package registers them."""

from internlab.debias.claims import cue, grid, losses, severe, shortcut, stack

__all__ = ["cue", "grid", "losses", "severe", "shortcut", "stack"]
