"""The two ids that are no class, in label maps of 8-bit numbers.

They stand at the upper end, out of the way of the classes 0 to K - 1. They have a module of their
own, which imports nothing, so that a metric can name them without loading what draws streets.
"""

from __future__ import annotations

# A pixel of an object that no class describes.
ANOMALY = 254
# A pixel that every fit and every metric leaves out, as Cityscapes has it.
VOID = 255
