"""The data cards of the street scenes and of the sprites."""

from __future__ import annotations

from internlab.data.cards import DataCard

CARD = DataCard(
    name="Drawn street scenes",
    what="128 x 256 pixel street scenes (any other size can be drawn), RGB uint8, with a label for "
    "each pixel: 8 classes, 254 for a pasted anomaly, 255 for its half transparent edge, which "
    "no metric counts.",
    origin="Drawn by internlab.data.streets from seeds, with the textures brick, grass and gravel "
    "of scikit-image (CC0); nothing is downloaded. Classes as in Cityscapes, pasting after "
    "Fishyscapes Static; no picture of either is used.",
    licence="MIT, like the kit.",
    size_bytes=0,
    sha256="",
    split="By seed: 600 scenes to train on, 60 to validate, 60 to test, and those 60 again in fog "
    "and at night. Pasted: 60 with objects (validation only), 120 with animals and 60 of them in "
    "fog, 120 with animals in other streets, 60 with photographed things, 60 with ordinary cars "
    "and people (all test only).",
)

SPRITES_CARD = DataCard(
    name="Sprites",
    what="18 pictures with an alpha channel: 10 animals, 4 objects, 4 cut-outs of photographs.",
    origin="Animals and objects: glyphs of Noto Color Emoji 2.042. Photographs: chelsea, coffee, "
    "rocket and horse of scikit-image. Cut by authoring/cut_sprites.py; sizes in metres are ours.",
    licence="Glyphs: SIL Open Font License 1.1. Photographs: CC0 or public domain. See "
    "data/ood/sprites/LICENCE.txt.",
    size_bytes=343_623,
    # Of the bytes of all pictures, joined in the order of their names, kinds first.
    sha256="7c598f9e134b937f208bdb4687ede88a66a098bff92f544661664a6b00c87f57",
    split="Animals and photographs for test only, objects for validation only.",
)
