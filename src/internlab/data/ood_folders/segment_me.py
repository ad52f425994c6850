"""SegmentMeIfYouCan: photographs with an unknown object somewhere, or on the road.

Chan and others, "SegmentMeIfYouCan: A Benchmark for Anomaly Segmentation", NeurIPS 2021
(2104.14812). The layout and the ids are those of the official code
(SegmentMeIfYouCan/road-anomaly-benchmark)::

    dataset_{AnomalyTrack,ObstacleTrack}/images/NAME.{jpg,webp,png}
    dataset_{AnomalyTrack,ObstacleTrack}/labels_masks/NAME_labels_semantic.png

In a label map 0 is in-distribution (on the obstacle track: road), 1 an anomaly and 255 is left
out. Only validation pictures have public label maps: 10 of the one track, 30 of the other.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from internlab.data.ood_folders.pictures import (
    Pair,
    by_name,
    existing_folder,
    match,
    read_ids,
    read_image,
    same_size,
    translate,
)
from internlab.data.streets.labels import ANOMALY
from internlab.spelling import did_you_mean

TRACKS = {"anomaly": "dataset_AnomalyTrack", "obstacle": "dataset_ObstacleTrack"}

_IMAGE_KINDS = (".jpg", ".webp", ".png")
_IDS = {0: 0, 1: ANOMALY}


def list_segment_me(folder: Path | str, track: str) -> list[Pair]:
    """List the pictures of a track that have public label maps.

    Parameters
    ----------
    folder : Path or str
        The folder that holds ``dataset_AnomalyTrack`` or ``dataset_ObstacleTrack``.
    track : {"anomaly", "obstacle"}

    Raises
    ------
    ValueError
        If there is no such track.
    FileNotFoundError
        If one half is missing, or a label map has no image.
    """
    if track not in TRACKS:
        raise ValueError(
            f"No track {track!r} of SegmentMeIfYouCan.{did_you_mean(track, TRACKS)} "
            f"Expected one of {', '.join(TRACKS)}."
        )
    inside = TRACKS[track]
    images = existing_folder(folder, inside, "images", what="the images of SegmentMeIfYouCan")
    labels = existing_folder(
        folder, inside, "labels_masks", what="the public label maps of SegmentMeIfYouCan"
    )
    return match(
        {path.stem: path for path in images.iterdir() if path.suffix in _IMAGE_KINDS},
        by_name(labels.iterdir(), "_labels_semantic.png"),
        f"SegmentMeIfYouCan, track {track}",
        spare_images=True,
    )


def read_segment_me(pair: Pair) -> tuple[np.ndarray, np.ndarray]:
    """Read a picture.

    Returns
    -------
    image : array
        (H, W, 3), uint8 RGB.
    labels : array
        (H, W), uint8: 0, ANOMALY or VOID. What is 0 has some known class; which is not said.

    Raises
    ------
    ValueError
        If a file is damaged, sizes differ, or an id is unknown.
    """
    image, ids = read_image(pair.image), read_ids(pair.labels)
    same_size(image, ids, pair)
    return image, translate(ids, _IDS, pair.labels)
