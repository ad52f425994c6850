"""The claims of the out-of-distribution track; importing this package registers them."""

from internlab.ood.claims import classification, dense, protocol, streaming

__all__ = ["classification", "dense", "protocol", "streaming"]
