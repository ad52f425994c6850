"""Cut the sprites in data/ood/sprites/ again: python -m authoring.cut_sprites NotoColorEmoji.ttf

Animals and objects are glyphs of Noto Color Emoji, a font under the SIL Open Font License 1.1
(Debian's package fonts-noto-color-emoji 2.042 has the file with bitmaps that Pillow reads).
Photos are cut out of photographs that scikit-image installs, by GrabCut.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont
from skimage import data

from internlab.data.streets.sprites import sprite_folder
from internlab.files import atomic_write

_FONT_SIZE = 109  # the only one that the font's bitmaps have
GLYPHS = {
    "animals": {
        "dog": "\N{DOG}",
        "cat": "\N{CAT}",
        "horse": "\N{HORSE}",
        "cow": "\N{COW}",
        "sheep": "\N{SHEEP}",
        "pig": "\N{PIG}",
        "deer": "\N{DEER}",
        "elephant": "\N{ELEPHANT}",
        "camel": "\N{DROMEDARY CAMEL}",
        "turtle": "\N{TURTLE}",
    },
    "objects": {
        "box": "\N{PACKAGE}",
        "couch": "\N{COUCH AND LAMP}",
        "ball": "\N{SOCCER BALL}",
        "cart": "\N{SHOPPING TROLLEY}",
    },
}


def glyphs(font_file: Path) -> dict[str, np.ndarray]:
    """Return the glyphs as (h, w, 4) uint8, by "kind/name"."""
    font = ImageFont.truetype(font_file, _FONT_SIZE)
    found = {}
    for kind, letters in GLYPHS.items():
        for name, letter in letters.items():
            image = Image.new("RGBA", (160, 160), (0, 0, 0, 0))
            ImageDraw.Draw(image).text((10, 10), letter, font=font, embedded_color=True)
            found[f"{kind}/{name}"] = trimmed(np.array(image))
    return found


def photos() -> dict[str, np.ndarray]:
    """Return the cut-outs as (h, w, 4) uint8, by "photos/name"."""
    cat = data.chelsea()
    shape = np.asarray(data.horse()) == 0  # the silhouette is the black part
    fur = cv2.resize(cat[60:220, 130:330], shape.shape[::-1], interpolation=cv2.INTER_CUBIC)
    alpha = cv2.GaussianBlur(shape.astype(np.uint8) * 255, (0, 0), 1)
    return {
        "photos/chelsea": cut_out(cat, (70, 15, 290, 280)),
        "photos/coffee": cut_out(data.coffee(), (140, 60, 330, 270)),
        "photos/fur-horse": trimmed(np.dstack([fur, alpha])),
        "photos/rocket": cut_out(data.rocket(), (290, 90, 80, 330)),
    }


def cut_out(image: np.ndarray, box: tuple[int, int, int, int]) -> np.ndarray:
    """Return what GrabCut finds in a box (left, top, width, height), its largest part only."""
    mask = np.zeros(image.shape[:2], np.uint8)
    models = np.zeros((1, 65)), np.zeros((1, 65))
    cv2.setRNGSeed(0)
    bgr = np.ascontiguousarray(image[..., ::-1])
    cv2.grabCut(bgr, mask, box, *models, 4, cv2.GC_INIT_WITH_RECT)
    inside = np.isin(mask, (cv2.GC_FGD, cv2.GC_PR_FGD)).astype(np.uint8)
    _, parts, sizes, _ = cv2.connectedComponentsWithStats(inside)
    largest = 1 + np.argmax(sizes[1:, cv2.CC_STAT_AREA])
    alpha = cv2.GaussianBlur((parts == largest).astype(np.uint8) * 255, (0, 0), 1.5)
    return trimmed(np.dstack([image, alpha]))


def trimmed(rgba: np.ndarray) -> np.ndarray:
    """Cut off what is transparent on all sides; colours of what stays transparent become 0."""
    solid = rgba[..., 3] > 127
    rows, columns = np.flatnonzero(solid.any(axis=1)), np.flatnonzero(solid.any(axis=0))
    cut = rgba[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1].copy()
    cut[cut[..., 3] == 0] = 0
    return cut


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("font", type=Path, help="NotoColorEmoji.ttf with bitmaps (CBDT)")
    font = parser.parse_args().font
    for name, rgba in {**glyphs(font), **photos()}.items():
        with atomic_write(sprite_folder() / f"{name}.png") as temporary:
            Image.fromarray(rgba).save(temporary, optimize=True)
        print(f"{name}: {rgba.shape[1]} x {rgba.shape[0]}")


if __name__ == "__main__":
    main()
