"""Draw the picture of the README: ``python -m authoring.readme_figure``.

A held-out aerial image, halved in size, and enlarged again in tiles.
"""

from __future__ import annotations

import sys

import matplotlib

matplotlib.use("Agg")

import matplotlib.pyplot as plt

from internlab.data.aerial import aerial_images
from internlab.files import atomic_write, project_root
from internlab.superres.degrade import bicubic_upscale, crop_to_multiple, downscale
from internlab.superres.opening import open_from_files
from internlab.superres.tiling import upscale_tiled

NAME, ROWS, COLUMNS = "soap_031", slice(20, 160), slice(200, 340)


def main() -> int:
    """Write ``docs/scene_before_after.png``; return the exit status."""
    images = aerial_images()
    if images.is_fallback:
        print("The aerial images could not be fetched; the picture stays as it is.")
        return 1
    original = crop_to_multiple(images.test[NAME], 2)
    small = downscale(original, 2)
    with open_from_files("onnxruntime") as runtime:
        enlarged = upscale_tiled(runtime, small, 128, 8)
    panels = {
        "low resolution": small.repeat(2, axis=0).repeat(2, axis=1),
        "bicubic": bicubic_upscale(small, 2),
        "network, in tiles": enlarged,
        "reference": original,
    }
    figure, axes = plt.subplots(1, 4, figsize=(12, 3.3), layout="constrained")
    for axis, (title, image) in zip(axes, panels.items(), strict=True):
        axis.imshow(image[ROWS, COLUMNS], interpolation="nearest")
        axis.set_title(title, loc="left", fontsize=13)
        axis.axis("off")
    path = project_root() / "docs" / "scene_before_after.png"
    with atomic_write(path) as temporary:
        # Without the software tag the same picture gives the same bytes with every version.
        figure.savefig(temporary, dpi=90, metadata={"Software": None})
    print(f"wrote docs/{path.name}, {path.stat().st_size / 1000:.0f} kB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
