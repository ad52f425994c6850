"""A scene goes through unchanged in everything but its resolution, or is refused clearly."""

import errno

import numpy as np
import pytest
import rasterio
from affine import Affine
from rasterio.control import GroundControlPoint
from rasterio.enums import ColorInterp
from rasterio.rpc import RPC
from rasterio.transform import RPCTransformer
from scene_cases import BlurRuntime, noise, read_image, write_image

from internlab.superres import scene_write
from internlab.superres.arrays import to_array, to_image
from internlab.superres.georeference import scaled_transform
from internlab.superres.scene import fingerprint, upscale_scene
from internlab.superres.scene_checks import GDAL_CACHE_BYTES, bounded_gdal
from internlab.superres.scene_parts import partial_folder
from internlab.superres.scene_pixels import fill_missing, from_unit, restore_missing, to_unit
from internlab.superres.tiling import upscale_whole

RADIUS = 2


def run(source, target, **options):
    return upscale_scene(source, target, BlurRuntime(RADIUS), 24, RADIUS, progress=False, **options)


@pytest.fixture
def target(tmp_path):
    return tmp_path / "out.tif"


# What is carried over.


@pytest.mark.parametrize("size", [(61, 83), (5, 9), (1, 1), (24, 300)])
def test_a_scene_equals_its_whole_image_at_any_size(tmp_path, target, size):
    pixels = noise(*size)
    report = run(write_image(tmp_path / "in.tif", pixels), target)
    np.testing.assert_array_equal(read_image(target), upscale_whole(BlurRuntime(RADIUS), pixels))
    assert (report.height, report.width) == (2 * size[0], 2 * size[1])
    assert not partial_folder(target).exists()


def test_a_scene_longer_than_a_block_is_put_together_right(tmp_path, target):
    # 2 * 150 and 2 * 300 pixels are more than one block of the file, and tiles do not align.
    pixels = noise(150, 300)
    run(write_image(tmp_path / "in.tif", pixels), target)
    np.testing.assert_array_equal(read_image(target), upscale_whole(BlurRuntime(RADIUS), pixels))


def test_the_same_ground_lies_under_the_same_feature(tmp_path, target):
    pixels = np.zeros((40, 50, 3), np.uint8)
    pixels[12, 30] = 255
    source = write_image(tmp_path / "in.tif", pixels)
    upscale_scene(source, target, BlurRuntime(0), 16, 0, progress=False)
    with rasterio.open(source) as before, rasterio.open(target) as after:
        assert after.crs == before.crs and after.bounds == before.bounds
        assert after.res == (5, 5) and before.res == (10, 10)
        ground = before.transform @ (30.5, 12.5)
        # The bright pixel became 2 x 2; their common corner is the old pixel's centre.
        rows, cols = np.nonzero(after.read(1))
        centre = after.transform @ (cols.mean() + 0.5, rows.mean() + 0.5)
        assert centre == pytest.approx(ground)


def test_a_rotated_transform_is_scaled_about_its_corner():
    rotated = Affine.translation(7, 9) @ Affine.rotation(30) @ Affine.scale(4, -4)
    scaled = scaled_transform(rotated, 2)
    for column, row in ((0, 0), (3, 5), (10, 1)):
        assert scaled @ (2 * column, 2 * row) == pytest.approx(rotated @ (column, row))


@pytest.mark.parametrize("meaning", ["Area", "Point"])
def test_pixel_as_area_and_as_point_stay_in_place(tmp_path, target, meaning):
    source = write_image(tmp_path / "in.tif", noise(20, 20))
    with rasterio.open(source, "r+") as dataset:
        dataset.update_tags(AREA_OR_POINT=meaning)
    run(source, target)
    with rasterio.open(source) as before, rasterio.open(target) as after:
        assert after.tags()["AREA_OR_POINT"] == meaning
        assert after.bounds == before.bounds


def test_control_points_move_with_the_pixels(tmp_path, target):
    points = [GroundControlPoint(r, c, 127 + c / 100, 37 - r / 100) for r, c in ((0, 0), (20, 30))]
    points.append(GroundControlPoint(5.5, 2, 127.02, 36.9))
    plain = {"transform": None, "crs": "EPSG:4326", "gcps": points}
    run(write_image(tmp_path / "in.tif", noise(20, 30), **plain), target)
    with rasterio.open(target) as after:
        found, crs = after.gcps
        assert crs == rasterio.CRS.from_epsg(4326)
        assert [(p.row, p.col, p.x, p.y) for p in found] == [
            (2 * p.row, 2 * p.col, p.x, p.y) for p in points
        ]


def test_rational_polynomials_give_the_same_ground(tmp_path, target):
    rpcs = RPC(
        height_off=10.0,
        height_scale=500.0,
        lat_off=37.5,
        lat_scale=0.1,
        line_off=20.0,
        line_scale=20.5,
        long_off=127.0,
        long_scale=0.1,
        samp_off=30.0,
        samp_scale=30.5,
        line_num_coeff=[0, 0.01, -1, 0.001] + [0] * 16,
        line_den_coeff=[1, 0.001] + [0] * 18,
        samp_num_coeff=[0, 1, 0.02, 0.003] + [0] * 16,
        samp_den_coeff=[1] + [0] * 19,
        err_bias=None,
        err_rand=None,
    )
    source = write_image(tmp_path / "in.tif", noise(40, 60), rpcs=rpcs, transform=None, crs=None)
    run(source, target)
    with rasterio.open(source) as before, rasterio.open(target) as after:
        for row, col in ((0, 0), (10, 20), (39.5, 3)):
            with RPCTransformer(before.rpcs) as old, RPCTransformer(after.rpcs) as new:
                ground = old.xy(row, col, offset="ul")
                assert new.xy(2 * row, 2 * col, offset="ul") == pytest.approx(ground, abs=1e-9)


def test_tags_descriptions_and_units_are_carried_over(tmp_path, target):
    source = write_image(tmp_path / "in.tif", noise(20, 20))
    with rasterio.open(source, "r+") as dataset:
        dataset.update_tags(TIFFTAG_DATETIME="2020:05:01 02:03:04", PLACE="Seoul")
        dataset.update_tags(TIFFTAG_XRESOLUTION="72")
        dataset.set_band_description(2, "green")
        dataset.offsets, dataset.scales = (1, 2, 3), (0.1, 0.2, 0.3)
    run(source, target)
    with rasterio.open(target) as after:
        assert after.tags()["PLACE"] == "Seoul"
        assert after.tags()["TIFFTAG_DATETIME"] == "2020:05:01 02:03:04"
        assert "TIFFTAG_XRESOLUTION" not in after.tags()
        assert after.descriptions[1] == "green"
        assert (after.offsets, after.scales) == ((1, 2, 3), (0.1, 0.2, 0.3))
        assert after.tags(ns="INTERNLAB")["OVERLAP"] == str(RADIUS)
        assert after.profile["compress"] == "deflate" and after.profile["tiled"]


@pytest.mark.filterwarnings("ignore::rasterio.errors.NotGeoreferencedWarning")
def test_a_plain_image_stays_plain_and_a_note_says_so(tmp_path, target):
    source = write_image(tmp_path / "in.tif", noise(20, 20), crs=None, transform=None)
    report = run(source, target)
    with rasterio.open(target) as after:
        assert after.crs is None and after.transform.is_identity
    assert any("coordinate reference system" in note for note in report.notes)


# Bands, types and ranges.


def test_greyscale_is_the_mean_of_three_equal_planes(tmp_path, target):
    pixels = noise(30, 40, bands=1)
    report = run(write_image(tmp_path / "in.tif", pixels), target)
    expected = upscale_whole(BlurRuntime(RADIUS), pixels.repeat(3, axis=2))[..., :1]
    np.testing.assert_array_equal(read_image(target), expected)
    assert any("grey" in note for note in report.notes)


def test_bands_are_taken_by_their_meaning(tmp_path, target):
    pixels = noise(20, 20)
    source = write_image(tmp_path / "in.tif", pixels, photometric="MINISBLACK")
    with rasterio.open(source, "r+") as dataset:
        dataset.colorinterp = (ColorInterp.blue, ColorInterp.green, ColorInterp.red)
    run(source, target)
    expected = upscale_whole(BlurRuntime(RADIUS), pixels[..., ::-1])
    np.testing.assert_array_equal(read_image(target), expected)
    with rasterio.open(target) as after:
        assert after.colorinterp == (ColorInterp.red, ColorInterp.green, ColorInterp.blue)


def test_four_bands_need_a_choice_and_get_it(tmp_path, target):
    pixels = noise(20, 20, bands=4)
    source = write_image(tmp_path / "in.tif", pixels, photometric="MINISBLACK")
    with pytest.raises(ValueError, match=r"4 bands.*--bands 1 2 3"):
        run(source, target)
    report = run(source, target, bands=(4, 3, 2))
    expected = upscale_whole(BlurRuntime(RADIUS), pixels[..., [3, 2, 1]])
    np.testing.assert_array_equal(read_image(target), expected)
    assert any("[1]" in note and "left out" in note for note in report.notes)
    with pytest.raises(ValueError, match=r"Bands \[1, 2, 7\]"):
        run(source, target, bands=(1, 2, 7), overwrite=True)


def test_transparency_is_carried_and_hides_what_it_covers(tmp_path, target):
    pixels = noise(40, 40, bands=4)
    pixels[..., 3] = 255
    pixels[:, 20:, 3] = 0
    run(write_image(tmp_path / "in.tif", pixels, alpha="yes", photometric="RGB"), target)
    result = read_image(target)
    np.testing.assert_array_equal(result[..., 3], pixels[..., 3].repeat(2, 0).repeat(2, 1))
    with rasterio.open(target) as after:
        assert after.colorinterp[3] == ColorInterp.alpha
    # The colours under full transparency are arbitrary and must not reach the visible part.
    pixels[:, 20:, :3] = 7
    other = target.with_name("other.tif")
    run(write_image(tmp_path / "in2.tif", pixels, alpha="yes", photometric="RGB"), other)
    np.testing.assert_array_equal(read_image(other)[:, :40], result[:, :40])


def test_16_bits_need_a_range_and_stay_16_bits(tmp_path, target):
    pixels = (noise(30, 30, dtype="uint16") % 3000) + 500
    source = write_image(tmp_path / "in.tif", pixels)
    with pytest.raises(ValueError, match=r"uint16.*--range LOW HIGH"):
        run(source, target)
    upscale_scene(source, target, BlurRuntime(0), 24, 0, progress=False, value_range=(500, 3500))
    result = read_image(target)
    assert result.dtype == np.uint16
    # A network that only repeats pixels gives back the very values.
    np.testing.assert_array_equal(result, pixels.repeat(2, 0).repeat(2, 1))


def test_clipped_values_are_counted_and_said(tmp_path, target):
    pixels = np.full((10, 10, 3), 1000, np.uint16)
    pixels[2, 3], pixels[4, 5, 1] = 9000, 10
    report = run(write_image(tmp_path / "in.tif", pixels), target, value_range=(100, 5000))
    assert report.clipped_pixels == 2
    assert any("2 pixels had values outside 100 to 5000" in note for note in report.notes)


@pytest.mark.parametrize("bad", [(5, 5), (0, np.inf), (0, 70000), (-1, 10)])
def test_impossible_ranges_are_refused(tmp_path, target, bad):
    source = write_image(tmp_path / "in.tif", noise(10, 10, dtype="uint16"))
    with pytest.raises(ValueError, match="range"):
        run(source, target, value_range=bad)


def test_other_types_and_colour_tables_are_refused(tmp_path, target):
    with pytest.raises(ValueError, match=r"uint32.*convert"):
        run(write_image(tmp_path / "a.tif", noise(9, 9, dtype="uint32")), target)
    source = write_image(tmp_path / "b.tif", noise(9, 9, bands=1))
    with rasterio.open(source, "r+") as dataset:
        dataset.write_colormap(1, {0: (255, 0, 0), 1: (0, 0, 255)})
    with pytest.raises(ValueError, match=r"colour table.*-expand rgb"):
        run(source, target)


def test_unit_range_agrees_with_what_networks_take_and_give():
    image = noise(20, 30)
    np.testing.assert_array_equal(to_unit(image, 0, 255), to_array(image)[0].transpose(1, 2, 0))
    values = np.random.default_rng(0).uniform(-0.2, 1.2, (1, 3, 20, 30)).astype(np.float32)
    ours = from_unit(values[0].transpose(1, 2, 0), 0, 255, "uint8")
    np.testing.assert_array_equal(ours, to_image(values))
    with pytest.raises(ValueError, match="NaN"):
        from_unit(values * np.nan, 0, 255, "uint8")


# Missing pixels.


def test_missing_pixels_come_back_missing_and_no_others(tmp_path, target):
    pixels = noise(60, 60)
    pixels[pixels == 0] = 1
    pixels[20:35, 10:50] = 0
    pixels[40, 40] = (0, 12, 30)  # One dark band does not make a missing pixel.
    run(write_image(tmp_path / "in.tif", pixels, nodata=0), target)
    missing = (pixels == 0).all(axis=2).repeat(2, 0).repeat(2, 1)
    with rasterio.open(target) as after:
        assert after.nodata == 0
        np.testing.assert_array_equal((after.read() == 0).any(axis=0), missing)


def test_missing_pixels_do_not_bleed(tmp_path):
    results = []
    for value in (0, 255):
        pixels = np.full((40, 40, 3), 100, np.uint8)
        pixels[10:20, 10:30] = value
        source = write_image(tmp_path / f"in{value}.tif", pixels, nodata=value)
        run(source, tmp_path / f"out{value}.tif")
        results.append(read_image(tmp_path / f"out{value}.tif"))
    valid = np.ones((80, 80), bool)
    valid[20:40, 20:60] = False
    # Surroundings of 100 stay exactly 100: the hole is filled with 100 before the network sees it.
    assert (results[0][valid] == 100).all() and (results[1][valid] == 100).all()


def test_missing_pixels_are_filled_alike_in_every_tile(tmp_path):
    rng = np.random.default_rng(5)
    pixels = noise(90, 90)
    pixels[rng.random((90, 90)) < 0.3] = 0
    pixels[30:60, 20:70] = 0
    source = write_image(tmp_path / "in.tif", pixels, nodata=0)
    for tile in (12, 24, 90):
        upscale_scene(source, tmp_path / f"{tile}.tif", BlurRuntime(3), tile, 3, progress=False)
    whole = read_image(tmp_path / "90.tif")
    np.testing.assert_array_equal(read_image(tmp_path / "24.tif"), whole)
    np.testing.assert_array_equal(read_image(tmp_path / "12.tif"), whole)


def test_tiles_without_data_do_not_reach_the_network(tmp_path, target):
    pixels = noise(48, 100)
    pixels[:, 40:] = 0
    runtime = BlurRuntime(RADIUS)
    source = write_image(tmp_path / "in.tif", pixels, nodata=0)
    report = upscale_scene(source, target, runtime, 24, RADIUS, progress=False)
    assert report.empty_tiles > 0
    assert len(runtime.calls) == 1 + report.tiles - report.empty_tiles  # One for the fingerprint.


@pytest.mark.parametrize("declared", [None, np.nan, -9999.0])
def test_nan_in_floats_is_missing(tmp_path, target, declared):
    pixels = noise(40, 40, dtype="float32")
    pixels[5:15, 5:15] = np.nan
    pixels[20, 20, 1] = np.inf
    profile = {} if declared is None else {"nodata": declared}
    run(write_image(tmp_path / "in.tif", pixels, **profile), target, value_range=(0, 1))
    missing = ~np.isfinite(pixels).all(axis=2).repeat(2, 0).repeat(2, 1)
    with rasterio.open(target) as after:
        result = after.read().transpose(1, 2, 0)
        is_missing = np.isnan(result) if declared != -9999 else result == -9999
        assert after.dtypes[0] == "float32"
    np.testing.assert_array_equal(is_missing.all(axis=2), missing)
    assert np.isfinite(result[~missing]).all()


def test_a_mask_in_the_file_is_carried_over(tmp_path, target):
    source = write_image(tmp_path / "in.tif", noise(30, 30))
    mask = np.full((30, 30), 255, np.uint8)
    mask[5:10, 8:20] = 0
    with rasterio.Env(GDAL_TIFF_INTERNAL_MASK=True), rasterio.open(source, "r+") as dataset:
        dataset.write_mask(mask)
    run(source, target)
    with rasterio.open(target) as after:
        assert after.count == 3
        np.testing.assert_array_equal(after.dataset_mask(), mask.repeat(2, 0).repeat(2, 1))


def write_virtual(path, nodata):
    """Write a VRT of one 9 x 9 file for each band, and return the pixels."""
    bands = ""
    for index, value in enumerate(nodata, start=1):
        name = f"band{index}.tif"
        write_image(path.with_name(name), noise(9, 9, bands=1, seed=index))
        bands += (
            f'<VRTRasterBand dataType="Byte" band="{index}"><NoDataValue>{value}</NoDataValue>'
            f'<SimpleSource><SourceFilename relativeToVRT="1">{name}</SourceFilename>'
            "</SimpleSource></VRTRasterBand>"
        )
    path.write_text(f'<VRTDataset rasterXSize="9" rasterYSize="9">{bands}</VRTDataset>')
    return np.dstack([noise(9, 9, bands=1, seed=index + 1) for index in range(len(nodata))])


@pytest.mark.filterwarnings("ignore::rasterio.errors.NotGeoreferencedWarning")
def test_a_virtual_scene_is_read_like_a_file(tmp_path, target):
    pixels = write_virtual(tmp_path / "in.vrt", (7, 7, 7))
    run(tmp_path / "in.vrt", target)
    found = read_image(target)
    expected = upscale_whole(BlurRuntime(RADIUS), pixels)
    np.testing.assert_array_equal(found[found != 8], expected[found != 8])  # 7 is moved to 8.


def test_bands_with_different_missing_values_are_refused(tmp_path, target):
    write_virtual(tmp_path / "in.vrt", (0, 1, 1))
    with pytest.raises(ValueError, match="different values"):
        run(tmp_path / "in.vrt", target)


def test_fill_continues_the_image_by_means_of_neighbours():
    values = np.array([[[4.0], [0], [8.0], [0], [0], [0]]], np.float32)
    valid = np.array([[True, False, True, False, False, False]])
    filled = fill_missing(values, valid, steps=2)[0, :, 0]
    np.testing.assert_array_equal(filled, [4, 6, 8, 8, 8, 0])


@pytest.mark.parametrize(
    ("dtype", "nodata", "moved_to"), [("uint8", 0, 1), ("uint8", 255, 254), ("int16", -5, -4)]
)
def test_a_computed_value_never_reads_as_missing(dtype, nodata, moved_to):
    pixels = np.full((1, 2, 3), nodata, dtype)
    result = restore_missing(pixels, np.array([[True, False]]), nodata)
    assert (result[0, 0] == moved_to).all() and (result[0, 1] == nodata).all()


# Files that cannot be used, disks that fill up.


def test_a_truncated_file_is_refused_before_any_work(tmp_path, target):
    source = write_image(tmp_path / "in.tif", noise(200, 200), tiled=True, blockxsize=64,
                         blockysize=64)  # fmt: skip
    data = source.read_bytes()
    source.write_bytes(data[: len(data) * 2 // 3])
    runtime = BlurRuntime()
    with pytest.raises(ValueError, match="truncated"):
        upscale_scene(source, target, runtime, 24, RADIUS, progress=False)
    assert not runtime.calls and not target.exists() and not partial_folder(target).exists()
    source.write_bytes(data[:5])
    with pytest.raises(ValueError, match=r"5 bytes.*cut short"):
        run(source, target)


def test_damaged_pixels_are_reported_with_their_rows(tmp_path, target):
    source = write_image(tmp_path / "in.tif", noise(200, 200), compress="deflate")
    data = bytearray(source.read_bytes())
    data[len(data) // 2 : len(data) // 2 + 2000] = bytes(2000)
    source.write_bytes(data)
    with pytest.raises(ValueError, match=r"could not be read at rows \d+ to \d+.*damaged"):
        run(source, target)
    assert not target.exists()


def test_paths_that_cannot_work_are_refused(tmp_path, target, monkeypatch):
    source = write_image(tmp_path / "in.tif", noise(9, 9))
    with pytest.raises(FileNotFoundError, match="no file"):
        run(tmp_path / "missing.tif", target)
    with pytest.raises(ValueError, match="folder"):
        run(tmp_path, target)
    with pytest.raises(ValueError, match="same file"):
        run(source, source, overwrite=True)
    with pytest.raises(ValueError, match=r"\.tif"):
        run(source, tmp_path / "out.png")
    with pytest.raises(FileNotFoundError, match="no folder"):
        run(source, tmp_path / "nowhere" / "out.tif")
    target.write_bytes(b"precious")
    with pytest.raises(FileExistsError, match="overwrite"):
        run(source, target)
    assert target.read_bytes() == b"precious"
    run(source, target, overwrite=True)
    assert read_image(target).shape == (18, 18, 3)
    monkeypatch.setattr("os.access", lambda *_: False)
    with pytest.raises(PermissionError, match="not writable"):
        run(source, tmp_path / "other.tif")


def test_no_room_for_the_pixels_is_seen_before_any_work(tmp_path, target, monkeypatch):
    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    source = write_image(tmp_path / "in.tif", noise(90, 90))
    monkeypatch.setattr("os.posix_fallocate", full)
    with pytest.raises(OSError, match=r"disk is full.*Free some space") as caught:
        run(source, target)
    assert caught.value.errno == errno.ENOSPC
    assert not target.exists() and not partial_folder(target).exists()


def test_a_disk_that_fills_up_at_the_end_loses_no_tile(tmp_path, target, monkeypatch):
    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    pixels = noise(90, 90)
    source = write_image(tmp_path / "in.tif", pixels)
    with monkeypatch.context() as patch:
        patch.setattr(scene_write, "_write_block", full)
        with pytest.raises(OSError, match="only the writing is left"):
            run(source, target)
    assert not target.exists()
    runtime = BlurRuntime(RADIUS)
    report = upscale_scene(source, target, runtime, 24, RADIUS, progress=False)
    assert report.resumed_tiles == report.tiles and len(runtime.calls) == 1
    np.testing.assert_array_equal(read_image(target), upscale_whole(BlurRuntime(RADIUS), pixels))


def test_a_file_that_does_not_read_back_does_not_get_the_name(tmp_path, target, monkeypatch):
    write = scene_write._write_block
    monkeypatch.setattr(
        scene_write, "_write_block", lambda out, c, w, pixels: write(out, c, w, pixels // 2)
    )
    with pytest.raises(OSError, match="does not read back"):
        run(write_image(tmp_path / "in.tif", noise(20, 20)), target)
    assert not target.exists()


def test_the_cache_of_decoded_blocks_is_bounded():
    with bounded_gdal():
        assert rasterio.env.get_gdal_config("GDAL_CACHEMAX") == GDAL_CACHE_BYTES


def test_the_report_adds_up(tmp_path, target):
    ticks = iter(range(10_000))
    report = run(write_image(tmp_path / "in.tif", noise(60, 60)), target, clock=lambda: next(ticks))
    parts = (report.decode_seconds, report.network_seconds, report.write_seconds)
    assert all(seconds > 0 for seconds in parts)
    assert report.total_seconds == sum(parts) + report.other_seconds
    assert report.tiles == 9 and report.resumed_tiles == 0


def test_fingerprints_tell_networks_apart():
    assert fingerprint(BlurRuntime(2)) == fingerprint(BlurRuntime(2))
    assert fingerprint(BlurRuntime(2)) != fingerprint(BlurRuntime(3))
