"""The claims of the debiasing track; importing this package registers them."""

from internlab.debias.claims import cue, losses, severe

__all__ = ["cue", "losses", "severe"]
