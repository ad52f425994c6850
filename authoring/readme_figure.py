"""Draw the pictures of the README: ``python -m authoring.readme_figure``.

A held-out aerial image, halved in size and enlarged again in tiles; a dog that a network calls
road, with two of its scores; and faces whose hair is exchanged, with what a network makes of them.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping

import matplotlib

matplotlib.use("Agg")

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure

from internlab.data.aerial import aerial_images
from internlab.data.shortcuts import draw_portrait, load, portrait_faces
from internlab.data.streets import ANOMALY, street_set
from internlab.debias.explain import swap_test
from internlab.debias.methods import ERM
from internlab.debias.pictures import swapped_faces
from internlab.debias.stack import Runs, recipe_for, train
from internlab.files import atomic_write, project_root
from internlab.ood.dense.collecting import collect, gather_statistics, predict
from internlab.ood.dense.ladder import LADDER, SCENES_FOR_STATISTICS, ladder
from internlab.ood.dense.network import load_pretrained
from internlab.ood.dense.pictures import COLOURS_OF_RARITY, painted
from internlab.ood.dense.rarity import HIGHEST, rarity
from internlab.superres.degrade import bicubic_upscale, crop_to_multiple, downscale
from internlab.superres.opening import open_from_files
from internlab.superres.tiling import upscale_tiled

HAIR = ("long", "short")
NAME, ROWS, COLUMNS = "soap_031", slice(20, 160), slice(200, 340)
FACES = 6
DOG = 70  # of the set "animals": the one that lesson 31 shows


def aerial_panels() -> dict[str, np.ndarray]:
    """Return the held-out image at low resolution, enlarged in two ways, and as recorded."""
    original = crop_to_multiple(aerial_images().test[NAME], 2)
    small = downscale(original, 2)
    with open_from_files("onnxruntime") as runtime:
        enlarged = upscale_tiled(runtime, small, 128, 8)
    panels = {
        "low resolution": small.repeat(2, axis=0).repeat(2, axis=1),
        "bicubic": bicubic_upscale(small, 2),
        "network, in tiles": enlarged,
        "reference": original,
    }
    return {title: image[ROWS, COLUMNS] for title, image in panels.items()}


def dog_panels() -> tuple[dict[str, np.ndarray], np.ndarray]:
    """Return the dog, its prediction and two maps of rarity; and where the dog is."""
    network = load_pretrained()
    scene = street_set("animals", DOG + 1).take(slice(DOG, DOG + 1))
    moments = gather_statistics(
        network, street_set("train", SCENES_FOR_STATISTICS).images
    ).moments()
    seen, usual = (
        ladder(collect(network, images), moments)
        for images in (scene.images, street_set("validation").images)
    )
    image = scene.images[0]
    panels = {
        "a dog on the road": image,
        "the network says road": painted(predict(network, scene.images)[0], image),
    }
    for title, name in (("softmax score (MSP)", LADDER[0]), ("SML, both steps", LADDER[-1])):
        values = rarity(seen[name][0], usual[name]) / HIGHEST
        panels[title] = plt.get_cmap(COLOURS_OF_RARITY)(values)[..., :3]
    return panels, scene.labels[0] == ANOMALY


def swapped_hair() -> Figure:
    """Return faces with either hair, and what the network of lesson 40 says of them."""
    trained = train(ERM(), Runs.of([load("portraits", 0.98, 0)]), recipe_for("portraits"))
    faces = portrait_faces("test", 0, FACES)
    small, large = (
        {hair: [draw_portrait(face, hair, side=side) for face in faces] for hair in HAIR}
        for side in (32, 128)
    )
    swap = swap_test(trained, *(np.stack(small[hair]) for hair in HAIR))
    return swapped_faces(
        *(large[hair] for hair in HAIR),
        np.stack([swap.before[0, :, 1], swap.after[0, :, 1]], axis=1),
        labels=[face.family for face in faces],
        rows=tuple(f"{hair} hair" for hair in HAIR),
    )


def write(
    name: str, panels: Mapping[str, np.ndarray], columns: int, outlined: np.ndarray | None = None
) -> None:
    """Write the panels to a picture in ``docs``, a mask outlined in each of them."""
    rows = len(panels) // columns
    height, width = next(iter(panels.values())).shape[:2]
    size = (12, rows * (12 / columns * height / width + 0.3))
    figure, axes = plt.subplots(rows, columns, figsize=size, layout="constrained")
    for axis, (title, image) in zip(axes.flat, panels.items(), strict=True):
        axis.imshow(image, interpolation="nearest")
        if outlined is not None:
            axis.contour(outlined, [0.5], colors="white", linewidths=1)
        axis.set_title(title, loc="left", fontsize=13)
        axis.axis("off")
    save(figure, name)


def save(figure: Figure, name: str, dpi: int = 90) -> None:
    """Write a figure to ``docs``."""
    path = project_root() / "docs" / name
    with atomic_write(path) as temporary:
        # Without the software tag the same picture gives the same bytes with every version.
        figure.savefig(temporary, dpi=dpi, metadata={"Software": None})
    print(f"wrote docs/{path.name}, {path.stat().st_size / 1000:.0f} kB")


def main() -> int:
    """Write the pictures; return the exit status."""
    save(swapped_hair(), "hair_decides.png", dpi=150)
    panels, dog = dog_panels()
    write("dog_on_the_road.png", panels, columns=2, outlined=dog)
    if aerial_images().is_fallback:
        print("The aerial images could not be fetched; their picture stays as it is.")
        return 1
    write("scene_before_after.png", aerial_panels(), columns=4)
    return 0


if __name__ == "__main__":
    sys.exit(main())
