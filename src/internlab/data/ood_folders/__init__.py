"""Readers of published data sets, each in its published layout. The kit ships and fetches none.

Each module lists the pictures of a folder that you have (``list_...``) and reads one of them
(``read_...``) into an image and a label map in the ids of ``internlab.data.streets``: the data
set's own classes from 0 on, ANOMALY (254) and VOID (255).
"""

from internlab.data.ood_folders.cityscapes import list_cityscapes, read_cityscapes
from internlab.data.ood_folders.fishyscapes import (
    list_lost_and_found,
    list_static,
    read_fishyscapes,
)
from internlab.data.ood_folders.openood import Listed, list_openood, read_openood
from internlab.data.ood_folders.pictures import Pair
from internlab.data.ood_folders.segment_me import list_segment_me, read_segment_me
from internlab.data.ood_folders.streethazards import list_streethazards, read_streethazards

__all__ = [
    "Listed",
    "Pair",
    "list_cityscapes",
    "list_lost_and_found",
    "list_openood",
    "list_segment_me",
    "list_static",
    "list_streethazards",
    "read_cityscapes",
    "read_fishyscapes",
    "read_openood",
    "read_segment_me",
    "read_streethazards",
]
