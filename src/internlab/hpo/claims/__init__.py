"""The claims of the hyperparameter track; importing this package registers them."""

# Each module registers its claims when it is imported; a missing name would hide them silently.
