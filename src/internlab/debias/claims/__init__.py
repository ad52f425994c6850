"""The claims of the debiasing track; importing this package registers them."""

from internlab.debias.claims import losses, severe

__all__ = ["losses", "severe"]
