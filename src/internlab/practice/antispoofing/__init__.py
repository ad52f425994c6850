"""Presentation attack detection on drawn captures: is the face before the camera a live one.

``metrics`` has the error rates, ``splits`` decides what a test may share with training,
``features`` and ``detector`` are the baseline and ``network`` a small rival, ``matching`` is the
face matcher behind the door, ``cases`` plans a collection, ``protocol`` opens a hidden test once.
"""
