"""Street scenes, drawn with a label for every pixel, and objects that do not belong into them.

``plan`` decides what stands where, in metres; ``scene`` paints it from far to near; ``weather``
takes the picture; ``pasting`` adds an anomaly; ``sets`` freezes which seeds are for what.
"""

from internlab.data.streets.cards import CARD, SPRITES_CARD
from internlab.data.streets.labels import (
    ANOMALY,
    BUILDING,
    CAR,
    CLASSES,
    PALETTE,
    PERSON,
    POLE,
    ROAD,
    SIDEWALK,
    SKY,
    VEGETATION,
    VOID,
)
from internlab.data.streets.ordinary import ordinary
from internlab.data.streets.scene import Street, draw_street
from internlab.data.streets.sets import SETS, StreetSet, small_animals, street_set
from internlab.data.streets.sprites import Sprite, load_sprites
from internlab.data.streets.weather import DOMAINS

__all__ = [
    "ANOMALY",
    "BUILDING",
    "CAR",
    "CARD",
    "CLASSES",
    "DOMAINS",
    "PALETTE",
    "PERSON",
    "POLE",
    "ROAD",
    "SETS",
    "SIDEWALK",
    "SKY",
    "SPRITES_CARD",
    "VEGETATION",
    "VOID",
    "Sprite",
    "Street",
    "StreetSet",
    "draw_street",
    "load_sprites",
    "ordinary",
    "small_animals",
    "street_set",
]
