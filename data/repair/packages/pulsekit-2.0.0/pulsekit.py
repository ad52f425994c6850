"""pulsekit: small helpers for pulses of sensors. Version 2.0.0.

New in 2.0: one offset for all pulses by default, which is faster. The offset of each pulse is still
there as ``per_pulse=True``.
"""

__version__ = "2.0.0"


def drop_offset(pulses, samples=2, per_pulse=False):
    """Return `pulses` (N, T) less their offset: the mean of the first `samples`."""
    first = pulses[:, :samples]
    return pulses - (first.mean(axis=1, keepdims=True) if per_pulse else first.mean())
