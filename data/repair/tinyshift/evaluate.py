"""The number of the README."""


def mean_absolute_error(network, x, grams):
    """Return the mean absolute error in grams over parcels with inputs x (N, 3)."""
    estimates = network.forward(x) * 1000
    return float(abs(estimates - grams).mean())
