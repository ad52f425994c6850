"""The claims of the debiasing track; importing this package registers them."""

__all__: list[str] = []
