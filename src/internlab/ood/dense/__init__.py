"""A score for every pixel: the street network, standardised max logits, and their two clean-ups.

``network`` and ``training`` make the segmentation network, ``statistics`` and ``standardised`` its
standardised max logits, ``boundary`` and ``smoothing`` the two steps after any score,
``iou`` the mIoU, ``ladder`` what a score is worth on a set, ``pictures`` the figures.
"""
