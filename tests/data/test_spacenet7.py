"""The loader reads a miniature in the layout of SpaceNet-7, and says what is wrong with others."""

from __future__ import annotations

import json
import shutil

import numpy as np
import pytest
import rasterio
from hypothesis import given
from hypothesis import strategies as st
from rasterio.transform import from_origin
from rasterio.warp import transform_geom

from internlab.data.spacenet7 import (
    CARD,
    list_areas,
    list_months,
    load_month,
    series,
    split_by_area,
)

AREAS = ("L15-0331E-1257N_1327_3160_13", "L15-0357E-1223N_1429_3296_13")
MONTHS = ("2018_01", "2018_02", "2019_05")
HEIGHT, WIDTH, PIXEL = 40, 48, 4.777314267823516
# In web Mercator, at about 41 degrees north.
TRANSFORM = from_origin(-6.6e6, 5.0e6, PIXEL, PIXEL)

# In columns and rows of the image: (left, top, right, bottom). The second appears in May 2019.
HOUSES = [(4, 6, 10, 12), (20, 8, 26, 18)]
CLOUD = (slice(0, 10), slice(0, 8))


def ring(left, top, right, bottom, transform=None):
    corners = [(left, top), (right, top), (right, bottom), (left, bottom), (left, top)]
    if transform is None:
        return [list(each) for each in corners]
    return [[transform.c + PIXEL * x, transform.f - PIXEL * y] for x, y in corners]


def collection(shapes, crs=None):
    features = [
        {"type": "Feature", "properties": {"Id": number}, "geometry": shape}
        for number, shape in enumerate(shapes)
    ]
    content = {"type": "FeatureCollection", "features": features}
    if crs:
        content["crs"] = {"type": "name", "properties": {"name": crs}}
    return json.dumps(content)


def polygons(houses, transform=None):
    return [{"type": "Polygon", "coordinates": [ring(*each, transform)]} for each in houses]


def write_tif(path, bands, crs="EPSG:3857"):
    path.parent.mkdir(parents=True, exist_ok=True)
    count, height, width = bands.shape
    with rasterio.open(
        path,
        "w",
        driver="GTiff",
        count=count,
        height=height,
        width=width,
        dtype=bands.dtype,
        crs=crs,
        transform=TRANSFORM,
    ) as target:
        target.write(bands)


@pytest.fixture
def root(tmp_path):
    """Two areas, three months; the first area has a cloud in January 2018."""
    rng = np.random.default_rng(0)
    for area in AREAS:
        for month in MONTHS:
            name = f"global_monthly_{month}_mosaic_{area}"
            bands = rng.integers(1, 255, (4, HEIGHT, WIDTH), dtype=np.uint8)
            bands[3] = 255
            bands[:, -1] = 0
            write_tif(tmp_path / area / "images_masked" / f"{name}.tif", bands)
            houses = HOUSES if month == "2019_05" else HOUSES[:1]
            for folder, crs, shapes in (
                ("labels_match_pix", None, polygons(houses)),
                ("labels_match", "OGC:CRS84", polygons(houses, TRANSFORM)),
            ):
                if crs:
                    shapes = transform_geom("EPSG:3857", crs, shapes)
                    crs = "urn:ogc:def:crs:OGC:1.3:CRS84"
                path = tmp_path / area / folder / f"{name}_Buildings.geojson"
                path.parent.mkdir(exist_ok=True)
                path.write_text(collection(shapes, crs))
    cloud = np.zeros((1, HEIGHT, WIDTH), np.uint8)
    cloud[0][CLOUD] = 255
    name = f"global_monthly_2018_01_mosaic_{AREAS[0]}_UDM.tif"
    write_tif(tmp_path / AREAS[0] / "UDM_masks" / name, cloud)
    (tmp_path / "readme.txt").write_text("not an area")
    return tmp_path


def drawn(houses):
    mask = np.zeros((HEIGHT, WIDTH), np.uint8)
    for left, top, right, bottom in houses:
        mask[top:bottom, left:right] = 1
    return mask


def labels_of(root, month="2018_02", folder="labels_match"):
    return root / AREAS[0] / folder / f"global_monthly_{month}_mosaic_{AREAS[0]}_Buildings.geojson"


def image_of(root, month="2018_02"):
    return root / AREAS[0] / "images_masked" / f"global_monthly_{month}_mosaic_{AREAS[0]}.tif"


def test_areas_and_months_are_listed_in_order(root):
    assert list_areas(root) == sorted(AREAS)
    assert list_areas(str(root)) == sorted(AREAS)
    assert list_months(root, AREAS[1]) == ["2018-01", "2018-02", "2019-05"]


def test_a_month_is_image_mask_and_what_is_usable(root):
    month = load_month(root, AREAS[0], "2019-05")
    assert (month.area, month.month) == (AREAS[0], "2019-05")
    assert month.image.shape == (HEIGHT, WIDTH, 3) and month.image.dtype == np.uint8
    with rasterio.open(image_of(root, "2019_05")) as source:
        for band in range(3):
            assert np.array_equal(month.image[..., band], source.read(band + 1))
    assert month.mask.dtype == np.uint8
    assert np.array_equal(month.mask, drawn(HOUSES))
    assert month.usable.dtype == bool
    # The last row is transparent: the mosaic ends there.
    assert month.usable[:-1].all() and not month.usable[-1].any()


def test_buildings_under_a_cloud_are_left_out(root):
    month = load_month(root, AREAS[0], "2018-01")
    expected = drawn(HOUSES[:1])
    assert expected[CLOUD].sum() == 16
    expected[CLOUD] = 0
    assert np.array_equal(month.mask, expected) and expected.sum() == 20
    assert not month.usable[CLOUD].any() and month.usable[:-1, 8:].all()
    # The other area has no cloud file for this month, which means no cloud.
    assert load_month(root, AREAS[1], "2018-01").mask.sum() == 36


def test_outlines_in_pixels_give_the_same_mask(root):
    for month in ("2018-01", "2019-05"):
        by_pixel = load_month(root, AREAS[0], month, labels="labels_match_pix")
        assert np.array_equal(by_pixel.mask, load_month(root, AREAS[0], month).mask)
    with pytest.raises(ValueError, match="labels is 'label'; expected one of labels_match"):
        load_month(root, AREAS[0], "2018-01", labels="label")


def test_outlines_in_the_coordinates_of_the_image_give_the_same_mask(root):
    before = load_month(root, AREAS[0], "2018-02").mask
    shapes = polygons(HOUSES[:1], TRANSFORM)
    labels_of(root).write_text(collection(shapes, "urn:ogc:def:crs:EPSG::3857"))
    assert np.array_equal(load_month(root, AREAS[0], "2018-02").mask, before)
    # Without a stated system GeoJSON is longitude and latitude.
    labels_of(root).write_text(collection(transform_geom("EPSG:3857", "OGC:CRS84", shapes)))
    assert np.array_equal(load_month(root, AREAS[0], "2018-02").mask, before)


def test_holes_several_parts_overlaps_and_edges(root):
    yard = {
        "type": "MultiPolygon",
        "coordinates": [[ring(4, 4, 12, 12), ring(6, 6, 9, 9)], [ring(30, 30, 34, 33)]],
    }
    overlapping = {"type": "Polygon", "coordinates": [ring(32, 31, 36, 34)]}
    outside = {"type": "Polygon", "coordinates": [ring(44, 2, 70, 5)]}
    nothing = [yard, overlapping, outside, None]
    labels_of(root, folder="labels_match_pix").write_text(collection(nothing))
    mask = load_month(root, AREAS[0], "2018-02", labels="labels_match_pix").mask
    expected = drawn([(4, 4, 12, 12), (30, 30, 34, 33), (32, 31, 36, 34), (44, 2, 48, 5)])
    expected[6:9, 6:9] = 0
    assert np.array_equal(mask, expected)


def test_a_month_without_buildings_is_an_empty_mask(root):
    labels_of(root).write_text(collection([]))
    assert load_month(root, AREAS[0], "2018-02").mask.sum() == 0


def test_a_series_shows_the_house_that_appears(root):
    months = series(root, AREAS[1])
    assert [month.month for month in months] == ["2018-01", "2018-02", "2019-05"]
    assert [int(month.mask.sum()) for month in months] == [36, 36, 36 + 60]


def test_images_that_are_not_masked_will_do(root):
    (root / AREAS[0] / "images_masked").rename(root / AREAS[0] / "images")
    assert load_month(root, AREAS[0], "2019-05").mask.sum() == 96


def test_a_folder_that_is_not_spacenet7_is_named(root, tmp_path):
    with pytest.raises(FileNotFoundError, match=r"There is no folder .*nowhere"):
        list_areas(root / "nowhere")
    with pytest.raises(
        ValueError, match=r"not a SpaceNet-7 folder: .* Found UDM_masks, images_masked"
    ):
        list_areas(root / AREAS[0])
    outer = tmp_path / "outer"
    (outer / "train").mkdir(parents=True)
    for area in AREAS:
        shutil.copytree(root / area, outer / "train" / area)
    with pytest.raises(ValueError, match=r"Its folder train is: give .*outer/train\."):
        list_areas(outer)
    (tmp_path / "empty").mkdir()
    with pytest.raises(ValueError, match="Found nothing in it"):
        list_areas(tmp_path / "empty")


def test_an_area_or_a_month_that_is_not_there(root):
    with pytest.raises(ValueError, match=f"among the 2 of .* Did you mean '{AREAS[0]}'"):
        load_month(root, AREAS[0][:-1], "2018-01")
    with pytest.raises(
        ValueError, match=r"3 months, from 2018-01 to 2019-05\. Did you mean '2019-05'"
    ):
        load_month(root, AREAS[0], "2019-02")
    with pytest.raises(ValueError, match=r"The month is '2019_05'; .* such as '2018-01'"):
        load_month(root, AREAS[0], "2019_05")


def test_an_area_without_images(root):
    for path in (root / AREAS[0] / "images_masked").iterdir():
        path.rename(path.with_name("mosaic " + path.name))
    with pytest.raises(ValueError, match="has no image in images_masked; expected files such as"):
        list_months(root, AREAS[0])


def test_a_month_without_outlines(root):
    labels_of(root).unlink()
    with pytest.raises(FileNotFoundError, match="labels_match has the outlines of 2 other months"):
        load_month(root, AREAS[0], "2018-02")
    shutil.rmtree(root / AREAS[0] / "labels_match")
    with pytest.raises(FileNotFoundError, match="areas of test_public come without labels"):
        load_month(root, AREAS[0], "2018-02")


@pytest.mark.parametrize("keep", [0, 100, -2000])
def test_a_damaged_image(root, keep):
    content = image_of(root).read_bytes()
    image_of(root).write_bytes(content[:keep])
    with pytest.raises(
        ValueError, match=r"cannot be read as an image .* unpack it from the archive"
    ):
        load_month(root, AREAS[0], "2018-02")


def test_an_image_of_another_kind(root):
    write_tif(image_of(root), np.zeros((1, HEIGHT, WIDTH), np.uint16))
    with pytest.raises(ValueError, match="has 1 bands of uint16, expected 3 or 4 of uint8"):
        load_month(root, AREAS[0], "2018-02")


def test_a_cloud_mask_of_another_size(root):
    name = f"global_monthly_2018_02_mosaic_{AREAS[0]}_UDM.tif"
    write_tif(root / AREAS[0] / "UDM_masks" / name, np.zeros((1, HEIGHT - 1, WIDTH), np.uint8))
    with pytest.raises(ValueError, match=f"has 39 x {WIDTH} pixels, its image 40 x {WIDTH}"):
        load_month(root, AREAS[0], "2018-02")


def test_outlines_that_state_another_coordinate_system_than_they_use(root):
    metres = polygons(HOUSES, TRANSFORM)
    wrong = {
        "metres called degrees": collection(metres, "urn:ogc:def:crs:OGC:1.3:CRS84"),
        "metres without a word": collection(metres),
        "pixels called metres": collection(polygons(HOUSES), "urn:ogc:def:crs:EPSG::3857"),
    }
    for text in wrong.values():
        labels_of(root).write_text(text)
        with pytest.raises(ValueError, match=r"No outline of .* lies on its image") as caught:
            load_month(root, AREAS[0], "2018-02")
        assert "EPSG:3857" in str(caught.value) and "-6.6e+06" in str(caught.value)
    degrees = transform_geom("EPSG:3857", "OGC:CRS84", metres)
    labels_of(root, folder="labels_match_pix").write_text(collection(degrees))
    with pytest.raises(ValueError, match="coordinates of the file should be pixels"):
        load_month(root, AREAS[0], "2018-02", labels="labels_match_pix")


@pytest.mark.parametrize(("across", "down"), [(WIDTH, 0), (-WIDTH, 0), (0, HEIGHT), (0, -HEIGHT)])
def test_outlines_of_the_neighbouring_tile(root, across, down):
    houses = [(x + across, y + down, u + across, v + down) for x, y, u, v in HOUSES]
    labels_of(root, folder="labels_match_pix").write_text(collection(polygons(houses)))
    with pytest.raises(ValueError, match="No outline"):
        load_month(root, AREAS[0], "2018-02", labels="labels_match_pix")


def test_a_coordinate_system_that_is_not_known(root):
    labels_of(root).write_text(collection(polygons(HOUSES), "Atlantis"))
    with pytest.raises(ValueError, match="states the coordinate system 'Atlantis', which is not"):
        load_month(root, AREAS[0], "2018-02")
    content = json.loads(collection([])) | {"crs": {"type": "name"}}
    labels_of(root).write_text(json.dumps(content))
    with pytest.raises(ValueError, match="has the key crs without a name"):
        load_month(root, AREAS[0], "2018-02")


def test_an_image_without_a_coordinate_system(root):
    bands = np.full((4, HEIGHT, WIDTH), 255, np.uint8)
    write_tif(image_of(root), bands, crs=None)
    with pytest.raises(
        ValueError, match=r"has no coordinate system, .* Use labels='labels_match_pix'"
    ):
        load_month(root, AREAS[0], "2018-02")
    assert load_month(root, AREAS[0], "2018-02", labels="labels_match_pix").mask.sum() == 36


def test_labels_that_are_no_outlines(root):
    for text, problem in (
        ("{", "is not a GeoJSON file with features"),
        ('{"type": "FeatureCollection"}', "is not a GeoJSON file with features"),
        ("[]", "is not a GeoJSON file with features"),
        (collection([{"type": "Point", "coordinates": [1, 2]}]), "holds Point; expected outlines"),
    ):
        labels_of(root).write_text(text)
        with pytest.raises(ValueError, match=problem):
            load_month(root, AREAS[0], "2018-02")


@given(st.integers(3, 70), st.integers(0, 1000))
def test_no_area_is_on_two_sides_of_a_split(count, seed):
    areas = [f"area-{number}" for number in range(count)]
    parts = split_by_area(areas, np.random.default_rng(seed))
    assert list(parts) == ["train", "validation", "test"]
    assert sorted(area for part in parts.values() for area in part) == sorted(areas)
    assert all(parts.values()) and all(part == sorted(part) for part in parts.values())
    again = split_by_area(areas[::-1], np.random.default_rng(seed))
    assert again == parts


def test_a_split_has_the_stated_shares_and_is_drawn():
    areas = [f"area-{number}" for number in range(60)]
    parts = split_by_area(areas, np.random.default_rng(0), (0.5, 0.2, 0.3))
    assert [len(part) for part in parts.values()] == [30, 12, 18]
    assert split_by_area(areas, np.random.default_rng(1), (0.5, 0.2, 0.3)) != parts
    even = split_by_area(areas[:3], np.random.default_rng(0), (0.1, 0.8, 0.1))
    assert [len(part) for part in even.values()] == [1, 1, 1]


def test_areas_that_cannot_be_split():
    rng = np.random.default_rng(0)
    with pytest.raises(ValueError, match="Got 2 areas, expected at least 3"):
        split_by_area(["a", "b"], rng)
    with pytest.raises(ValueError, match="named twice"):
        split_by_area(["a", "b", "b"], rng)
    with pytest.raises(ValueError, match="shares"):
        split_by_area(["a", "b", "c"], rng, (0.5, 0.2, 0.2))


def test_the_card_states_the_licence():
    assert "CC BY-SA 4.0" in CARD.licence and "Planet" in CARD.licence
    assert "spacenet.ai" in CARD.origin
