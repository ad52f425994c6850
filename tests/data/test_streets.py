"""A scene: the same for the same seed at any size and in any weather, with labels that fit."""

from __future__ import annotations

import numpy as np
import pytest

from internlab.data import streets
from internlab.data.streets import (
    ANOMALY,
    CAR,
    CLASSES,
    PALETTE,
    PERSON,
    ROAD,
    SIDEWALK,
    SKY,
    VOID,
    Sprite,
    draw_street,
    load_sprites,
)
from internlab.data.streets import (
    scene as scene_module,
)
from internlab.data.streets.camera import Camera
from internlab.data.streets.canvas import SKY_DISTANCE, Canvas
from internlab.data.streets.objects import draw_thing
from internlab.data.streets.pasting import Place, clear_the_sight, paste
from internlab.data.streets.plan import Thing, draw_plan
from internlab.data.streets.weather import photograph

SMALL = {"height": 64, "width": 128}


def plan_of(seed):
    return draw_plan(np.random.default_rng([seed, 0]))


def plate(height_m=1.0, colour=(120, 120, 120)):
    """A solid rectangle, twice as high as wide."""
    rgba = np.full((80, 40, 4), 255, np.uint8)
    rgba[..., :3] = colour
    return Sprite("plate", rgba, height_m)


@pytest.fixture(scope="module")
def dog():
    return load_sprites("animals")["dog"]


# A scene


def test_there_is_a_name_and_a_colour_for_each_class():
    assert len(CLASSES) == len(set(CLASSES)) == len(PALETTE) == 8
    assert len(np.unique(PALETTE, axis=0)) == 8 and PALETTE.dtype == np.uint8
    ids = [getattr(streets, name.upper()) for name in CLASSES]
    assert ids == list(range(8)) and (ANOMALY, VOID) == (254, 255)


def test_the_default_scene_has_the_documented_shapes_and_types():
    scene = draw_street(0)
    assert scene.image.shape == (128, 256, 3) and scene.image.dtype == np.uint8
    assert scene.labels.shape == (128, 256) and scene.labels.dtype == np.uint8
    assert scene.depth.shape == (128, 256) and scene.depth.dtype == np.float32


def test_one_seed_is_one_scene_and_another_seed_another():
    one, same, other = (draw_street(seed, **SMALL) for seed in (5, 5, 6))
    for part in ("image", "labels", "depth"):
        assert np.array_equal(getattr(one, part), getattr(same, part))
    assert (one.labels != other.labels).mean() > 0.1


def test_the_frozen_scenes_have_not_changed():
    """Thumbnails of three scenes: a change to the drawing needs a new version of the cache."""
    for seed, expected in FROZEN.items():
        image = draw_street(seed).image
        thumbnail = image.reshape(2, 64, 4, 64, 3).mean(axis=(1, 3, 4))
        assert np.abs(thumbnail - expected).max() < 0.5, (seed, thumbnail.round(1).tolist())


@pytest.mark.parametrize("size", [(32, 64), (64, 128), (97, 131), (128, 512), (128, 64)])
def test_a_scene_has_the_size_that_was_asked_for(size, dog):
    scene = draw_street(3, height=size[0], width=size[1], anomaly=dog)
    assert scene.image.shape == (*size, 3) and scene.labels.shape == scene.depth.shape == size
    assert (scene.labels == ANOMALY).any()


def test_a_larger_scene_is_the_same_scene_in_finer_grain():
    small, large = draw_street(8), draw_street(8, height=256, width=512)
    assert (small.labels == large.labels[1::2, 1::2]).mean() > 0.97
    shrunk = large.image.reshape(128, 2, 256, 2, 3).mean(axis=(1, 3))
    assert np.abs(shrunk - small.image).mean() < 8


def test_classes_lie_where_a_street_has_them():
    scenes = [draw_street(seed, **SMALL) for seed in range(12)]
    labels, depth = (np.stack([getattr(s, part) for s in scenes]) for part in ("labels", "depth"))
    share = np.bincount(labels.ravel(), minlength=256) / labels.size
    assert share[8:].sum() == 0 and (share[:8] > 0.001).all()
    assert 0.3 < share[ROAD] < 0.5 and share[PERSON] < 0.03 and share[CAR] < 0.08
    assert (labels[:, -1, 64] == ROAD).all() and not (labels[:, 40:] == SKY).any()
    assert (depth[labels == SKY] == SKY_DISTANCE).all() and depth.min() > 2
    ground = depth[(labels == ROAD) | (labels == SIDEWALK)]
    assert ground.min() < 6 and np.median(ground) < 15


def test_depth_of_the_road_is_that_of_the_camera():
    scene, camera = draw_street(4), plan_of(4).camera(128, 256)
    rows, columns = np.nonzero(scene.labels == ROAD)
    near = rows > camera.horizon + 15
    expected = camera.focal * camera.eye / (rows + 0.5 - camera.horizon)
    assert np.allclose(scene.depth[rows, columns][near], expected[near], rtol=0.05)


def test_a_place_is_projected_as_by_a_pinhole():
    camera = Camera(100, 200, focal=150, eye=1.5, horizon=40, centre=90)
    assert camera.project(0, 1.5, 7) == (90, 40)
    assert camera.project(2, 0, 10) == (90 + 30, 40 + 22.5)
    assert camera.scale(10) == 15 and camera.nearest == 150 * 1.5 / 60


# Weather


def test_fog_and_night_have_the_labels_and_the_depth_of_the_clear_scene(dog):
    clear, fog, night = (draw_street(2, domain=d, anomaly=dog) for d in streets.DOMAINS)
    for other in (fog, night):
        assert np.array_equal(clear.labels, other.labels)
        assert np.array_equal(clear.depth, other.depth)
        assert np.abs(clear.image.astype(int) - other.image).mean() > 10


def test_fog_takes_contrast_from_what_is_far_and_night_takes_light():
    clear, fog, night = (draw_street(1, domain=domain) for domain in streets.DOMAINS)
    far = (clear.depth > 60) & (clear.labels != SKY)
    near = clear.depth < 6
    assert fog.image[far].std() < 0.6 * clear.image[far].std()
    contrast = [scene.image[near].std() for scene in (clear, fog)]
    assert contrast[1] > 0.6 * contrast[0]
    assert np.abs(fog.image[near].astype(int) - clear.image[near]).mean() < 45
    assert night.image.mean() < 0.5 * clear.image.mean()


def test_a_picture_of_the_night_has_more_noise():
    canvas = Canvas(256, 512)
    canvas.colour[..., :3], canvas.colour[..., 3] = 250, 0
    canvas.distance[:] = 60
    camera = draw_plan(np.random.default_rng(0)).camera(256, 512)

    def noise(domain):
        picture = photograph(canvas, camera, domain, np.random.default_rng(3), 2).astype(float)
        # Two neighbours have the same light; what they differ by is noise, twice.
        return np.std(np.diff(picture[4:, 4:-4], axis=1)) / 2**0.5

    assert noise("night") / noise("fog") == pytest.approx(1.6, abs=0.1)


# Anomalies


def test_an_anomaly_changes_the_scene_only_around_itself_and_in_the_line_of_sight(dog):
    without, pasted = draw_street(9), draw_street(9, anomaly=dog)
    same = without.labels == pasted.labels
    assert same.mean() > 0.9 and not np.isin(without.labels, (ANOMALY, VOID)).any()
    # Beyond the pasted object nothing is left out.
    z = np.median(pasted.depth[pasted.labels == ANOMALY])
    behind = (without.depth > z + 1) & ~np.isin(pasted.labels, (ANOMALY, VOID))
    assert (without.labels[behind] == pasted.labels[behind]).mean() > 0.99


@pytest.mark.parametrize("metres", [0.6, 2.0])
def test_the_size_in_pixels_is_that_of_the_distance(metres):
    for seed in range(10):
        scene = draw_street(seed, anomaly=plate(metres))
        camera = plan_of(seed).camera(128, 256)
        rows = np.flatnonzero((scene.labels == ANOMALY).any(axis=1))
        z = np.median(scene.depth[scene.labels == ANOMALY])
        assert camera.nearest * 0.99 <= z <= 16
        foot = camera.horizon + camera.focal * camera.eye / z
        assert rows[-1] + 1 == pytest.approx(foot, abs=1.1)
        if rows[0] > 0:  # not cut off by the upper edge
            seen = (rows[-1] + 1 - rows[0]) * z / camera.focal
            slack = 1.1 * z / camera.focal
            assert 0.9 * metres - slack <= seen <= 1.2 * metres + slack


def test_anomalies_are_seen_in_every_scene_and_stand_on_the_road():
    animals = list(load_sprites("animals").values())
    on_road = []
    for seed in range(20):
        anomaly = animals[seed % len(animals)]
        scene, bare = draw_street(seed, anomaly=anomaly), draw_street(seed)
        rows, columns = np.nonzero(scene.labels == ANOMALY)
        assert len(rows) >= 12
        lowest = rows == rows.max()
        on_road.append(bare.labels[rows[lowest], columns[lowest]] == ROAD)
    assert np.concatenate(on_road).mean() > 0.8


def test_half_transparent_pixels_are_void_and_surround_the_anomaly():
    soft = np.zeros((60, 60, 4), np.uint8)
    soft[..., 3] = 100
    soft[10:50, 10:50, 3] = 255
    scene = draw_street(0, anomaly=Sprite("soft", soft, 1.5))
    anomaly, void = scene.labels == ANOMALY, scene.labels == VOID
    assert 0.5 * anomaly.sum() < void.sum() < 1.5 * anomaly.sum()
    rows, columns = np.nonzero(anomaly)
    upper = rows.min()
    assert void[upper - 1, columns[rows == upper]].all()
    assert not np.isin(draw_street(0, anomaly=plate()).labels, (VOID,)).any()


def test_pasting_comes_before_blur_and_noise():
    """A plate of one colour comes out noisy; its edges spread, the more the blurrier the scene."""
    widths, seeds = [], range(12, 24)
    for seed in seeds:
        white, black = (
            draw_street(seed, height=256, width=512, anomaly=plate(2.0, (level,) * 3))
            for level in (255, 0)
        )
        anomaly = white.labels == ANOMALY
        rows, columns = np.nonzero(anomaly)
        inside = np.zeros(anomaly.shape, bool)
        inside[rows.min() + 9 : rows.max() - 8, columns.min() + 9 : columns.max() - 8] = True
        image = white.image.astype(float)
        grain = (image[:, 1:] - image[:, :-1])[inside[:, 1:] & inside[:, :-1]]
        assert grain.std() > 1.5
        # Outside of the pasted pixels, what the plate's colour changed is its blur.
        spread = np.abs(image - black.image).mean(axis=2)
        middle = (rows.min() + rows.max()) // 2
        row = spread[middle] * ~anomaly[middle]
        widths.append(row[max(columns.min() - 6, 0) : columns.max() + 7].max())
    assert np.median(widths) > 15


def test_fog_lies_over_the_anomaly_too():
    black = plate(2.0, (0, 0, 0))
    clear, fog = (draw_street(11, domain=domain, anomaly=black) for domain in ("clear", "fog"))
    anomaly = clear.labels == ANOMALY
    assert fog.image[anomaly].mean() > clear.image[anomaly].mean() + 15


def test_colours_move_towards_the_ground_and_a_shadow_falls():
    plan, camera = plan_of(0), Camera(128, 256, 160, 1.5, 50, 128)
    canvas = Canvas(128, 256)
    canvas.rgb[:] = 100
    paste(canvas, camera, plan, plate(1.0, (200, 200, 200)), Place(0.0, 6.0, 1.0, False))
    pasted = canvas.rgb[canvas.labels == ANOMALY]
    # A bit more than a third of the way from 200 to the shaded ground.
    assert 150 < pasted.min() and pasted.max() < 166
    around = canvas.rgb[canvas.labels != ANOMALY]
    assert 50 < around.min() < 75 and np.median(around) == 100
    assert (canvas.distance[canvas.labels == ANOMALY] == 6).all()


def test_what_is_nearer_stands_in_front_but_not_in_the_line_of_sight():
    place = Place(x=3.0, z=10.0, height=1.0, mirrored=False)
    in_sight, beside = Thing("car", 1.5, 5.0, 0), Thing("car", 4.0, 5.0, 0)
    behind = Thing("car", 3.0, 12.0, 0)
    plan = plan_of(0)
    plan = type(plan)(**{**vars(plan), "things": (behind, in_sight, beside)})
    assert clear_the_sight(plan, place).things == (behind, beside)


def test_a_scene_leaves_out_what_would_hide_the_anomaly(monkeypatch):
    drawn, places = [], []
    monkeypatch.setattr(scene_module, "draw_thing", lambda *given: drawn.append(given[-1]))
    monkeypatch.setattr(scene_module, "paste", lambda *given: places.append(given[-1]))
    left_out = 0
    for seed in range(12):
        drawn.clear()
        draw_street(seed, **SMALL, anomaly=plate())
        hiding = set(plan_of(seed).things) - set(drawn)
        left_out += len(hiding)
        assert all(thing.z < places[-1].z for thing in hiding)
        expected = clear_the_sight(plan_of(seed), places[-1]).things
        assert drawn == list(expected)
    assert left_out > 0


def test_a_nearer_car_hides_a_part_of_the_anomaly():
    plan, camera = plan_of(0), plan_of(0).camera(256, 512)
    wide = np.full((40, 200, 4), 255, np.uint8)
    car = Thing("car", 3.0, 7.0, 5)
    place = Place(x=0.0, z=10.0, height=2.0, mirrored=False)
    canvas = Canvas(256, 512)
    paste(canvas, camera, plan, Sprite("wall", wide, 2.0), place)
    before = (canvas.labels == ANOMALY).sum()
    draw_thing(canvas, camera, plan, car)
    in_front = canvas.distance == 7.0
    assert (canvas.labels == ANOMALY).sum() < before - 50
    assert (canvas.labels[in_front] == CAR).all()


def test_things_are_drawn_from_far_to_near_and_the_anomaly_in_its_place(monkeypatch):
    order = []
    monkeypatch.setattr(scene_module, "draw_thing", lambda *given: order.append(given[-1].z))
    monkeypatch.setattr(scene_module, "paste", lambda *given: order.append(given[-1].z))
    for seed in range(5):
        order.clear()
        draw_street(seed, **SMALL, anomaly=plate())
        assert order == sorted(order, reverse=True) and len(order) > 3


# Bad arguments


def test_an_unknown_domain_is_refused_with_a_suggestion():
    with pytest.raises(ValueError, match=r"'nigth'.*Did you mean 'night'.*clear, fog, night"):
        draw_street(0, domain="nigth")


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"seed": -1}, ValueError, "seed is -1; expected 0 or more"),
        ({"seed": 0, "height": 31}, ValueError, "height is 31 pixels; expected at least 32"),
        ({"seed": 0, "width": 0}, ValueError, "width is 0 pixels"),
        ({"seed": 0.5}, TypeError, "seed is 0.5; expected a whole number"),
        ({"seed": 0, "width": 256.0}, TypeError, "width is 256.0; expected a whole number"),
        ({"seed": 0, "anomaly": "dog"}, TypeError, "anomaly is of type str; expected a Sprite"),
    ],
)
def test_bad_arguments_are_named(arguments, error, message):
    with pytest.raises(error, match=message):
        draw_street(**arguments)


# Thumbnails of 2 x 4 patches, mean of the three colours.
FROZEN = {
    0: [[86.28, 78.98, 99.88, 56.53], [63.72, 60.71, 55.71, 64.81]],
    1: [[86.96, 115.53, 120.86, 86.89], [86.97, 94.63, 90.63, 90.3]],
    400_003: [[88.48, 134.11, 139.75, 125.04], [74.05, 75.99, 74.04, 85.56]],
}
