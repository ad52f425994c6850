"""The claims of the out-of-distribution track; importing this package registers them."""
