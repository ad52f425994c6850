"""Two faults that were planted, each beside its mended form, for guard tests to tell apart.

Each module stands alone, because a guard test reads it as the file ``pipeline.py``.
"""
