"""pulsekit: small helpers for pulses of sensors. Version 1.4.0."""

__version__ = "1.4.0"


def drop_offset(pulses, samples=2):
    """Return `pulses` (N, T) less the offset of each: the mean of its first `samples`."""
    return pulses - pulses[:, :samples].mean(axis=1, keepdims=True)
