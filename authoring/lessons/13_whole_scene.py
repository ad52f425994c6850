# ---
# title: The whole scene
# minutes: 60
# passages: [sia-tensorrt-sr, kb-serving-limits]
# smoke_seconds: 40
# ---
# %% [markdown]
# # 13 · The whole scene
#
# *60 minutes. You need: lessons 10 and 11, and to have seen a GeoTIFF once.*
#
# After this lesson you can
#
# - cut an image into tiles (타일) so that nobody can tell, and prove it,
# - write a GeoTIFF that lies at the right place on the ground,
# - keep memory bounded however large the scene is, and resume a run that was killed,
# - say what a faster network gives from end to end, before anybody builds it.
#
# So far the network met small images. The intern's job was a satellite scene: an hour for one image,
# then about thirty minutes. Between a fast network and a fast *job* stand memory, files, crashes, and
# everything that is not the network. A service has limits that a contest does not.

# %%
from internlab import passages

passages.card("sia-tensorrt-sr", "kb-serving-limits")

# %% [markdown]
# ## Configuration

# %%
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import rasterio

from internlab import claims, notes, tier
from internlab import notebook_ui as ui

TIER = tier.current()
SEED = 13
SIDE = tier.pick(smoke=384, cpu=1024)  # pixels of the scene's side
SIDES = tier.pick(smoke=(256, 512), cpu=(512, 1024, 2048))  # for memory, in tiles
WHOLE_SIDES = tier.pick(smoke=(512,), cpu=(512, 1024))  # and in one piece
work = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
folder = Path(work.name)
tier.one_thread()
ui.style()
print(f"tier {TIER}, seed {SEED}, a scene of {SIDE} x {SIDE} pixels")

# %% [markdown]
# ## What do you expect?
#
# Four expectations, each of which could fail. The third is the intern's result turned round: if the
# network became *infinitely* fast, would the whole job at least halve?

# %%
note = notes.open(
    question="Can a network for small images do a whole scene: exact, in bounded memory, resumable?",
    hypothesis="An output pixel sees a bounded neighbourhood. So tiles that are read with that much "
    "context give the whole image's pixels, and memory depends on the tile. The network is most of "
    "the work, so a faster one can halve the time.",
    expect=[
        claims.expectation("superres", "tiled-equals-whole", "differing_pixels"),
        notes.Expect("memory_ratio", "<=", 1.3, "x"),
        notes.Expect("most_speedup", ">=", 2.0, "x"),
        notes.Expect("resumed_is_equal", "==", 1.0),
    ],
    seed=SEED,
    slug="13-scene",
)
note

# %% [markdown]
# ## A scene
#
# Real satellite scenes are too large to ship, so this one is **drawn**: fields, roads, houses, trees.
# It serves for size, place and time. It says nothing about quality, because drawn edges are cleaner
# than real ones; at the end of the lesson a real image is shown.
#
# A GeoTIFF is a TIFF with a coordinate reference system (CRS, 좌표계) and a **geotransform**: six
# numbers that map a column and a row to metres on the map. Ours is put near Seoul, in UTM zone 52N,
# with pixels of 10 m.

# %%
from affine import Affine

from internlab.data.scenes import draw_scene
from internlab.superres.scene_measure import write_geotiff

scene = draw_scene(SIDE, SIDE, np.random.default_rng(SEED))
near_seoul = Affine(10, 0, 320_000, 0, -10, 4_160_000)
source = write_geotiff(folder / "scene.tif", scene, crs="EPSG:32652", transform=near_seoul)
ui.images([scene[:240, :360]], ["drawn scene, 360 x 240 pixels of it"], columns=1, zoom=1.2)

# %% [markdown]
# ## The smallest thing that works: in one piece
#
# `upscale_whole` hands the network the whole image. That is right by definition, so it is the
# reference for everything below. What it costs is memory: every layer holds 32 channels of four bytes
# for each pixel, its input and its output at the same time.
#
# For seams the eye must be able to judge, so they are looked for in a real image, one of the test
# images of lesson 10.

# %%
from internlab.data.aerial import aerial_images
from internlab.superres.model import GlobalSR, load_pretrained, receptive_radius
from internlab.superres.opening import open_from_files
from internlab.superres.tiling import upscale_whole

network = open_from_files("onnxruntime")
photo = aerial_images().test.get("soap_031", scene)
piece = photo[:300, -300:]
whole = upscale_whole(network, piece)

bytes_per_pixel = 2 * 32 * 4
ui.table(
    [
        {
            "scene": name,
            "low-resolution pixels": n,
            "layers in memory, GB": n * bytes_per_pixel / 1e9,
        }
        for name, n in (("this lesson", SIDE**2), ("a 10 000 x 10 000 scene", 10**8))
    ],
    caption=f"Two layers at a time, {bytes_per_pixel} bytes for each pixel.",
)

# %% [markdown]
# The second line is more than most laptops and many GPUs have. So the scene has to be cut.
#
# ## The naive cut, and its seams
#
# Cut the image into tiles of about 100 pixels, upscale each, put the results side by side. At the edge
# of a tile the network sees padding where the neighbour should be.

# %%
from internlab.superres.tiling import error_map, plan_spans, seam_error, upscale_tiled

naive = upscale_tiled(network, piece, tile=100, overlap=0)
levels = error_map(whole, naive)
part = (slice(0, 400), slice(0, 400))
ui.images(
    [naive[part], np.minimum(levels, 8)[part]],
    ["tiles of 100 px, no overlap", "difference from the whole"],
    zoom=0.6,
    limits=(0, 8),
)

# %% [markdown]
# *What to see: on the right (black: equal; white: 8 grey levels or more), the difference draws the grid
# of tiles and nothing else: the seams (이음매). On the left, in a busy photograph, you would look for
# them in vain. The analyst who subtracts two dates, or detects edges, finds a grid of straight lines.*
#
# Would the usual measure have told you?

# %%
naive_error = seam_error(whole, naive)
print(f"PSNR of tiled against whole: {naive_error.psnr:.1f} dB")
print(f"largest difference:          {naive_error.largest} grey levels of 255")

# %% [markdown]
# The PSNR is high, the seam is there. A mean over all pixels hides a few bad ones, so a seam is judged
# by the **largest** difference. And where exactly is it? Sort the pixels by their distance from the
# nearest cut.

# %%
inner_edges = [span.stop for span in plan_spans(300, 100, 0)[:-1]]
centres = (np.arange(600) + 0.5) / 2  # of the result's pixels, in low-resolution pixels
away = np.abs(centres[:, None] - inner_edges).min(axis=1)
distance = np.minimum(away[:, None], away[None, :])
steps = np.arange(14)
reach = [levels[(distance >= step) & (distance < step + 1)].max() for step in steps]

figure, axis = plt.subplots(figsize=(6.4, 3))
axis.bar(steps + 0.5, reach, width=0.9, color=ui.COLOURS["network"])
axis.set_xlabel("distance from the nearest cut, low-resolution pixels")
axis.set_ylabel("largest difference, levels")
axis.set_yscale("symlog", linthresh=1)
axis.set_yticks([0, 1, 3, 10, 30, 100], [0, 1, 3, 10, 30, 100])
plt.show()

# %% [markdown]
# *What to see: the error is largest at the cut, fades within a few pixels, and from some distance on it
# is zero. Not small: zero. The missing neighbours reach so far and no further.*
#
# ## How much context?
#
# Lesson 10 followed the gradient back from an output pixel: it depends on inputs up to the *receptive
# radius* (수용 반경) away, and on nothing else. The bars end there. So a tile that is read with that
# many real pixels on each side should come out exactly. Try it, from none to more than enough.

# %%
radius = receptive_radius(load_pretrained())
overlaps = [0, 1, 2, 3, 4, 5, 6, 7, 8, 10]
errors = [seam_error(whole, upscale_tiled(network, piece, 100, overlap)) for overlap in overlaps]

figure, (left, right) = plt.subplots(1, 2, figsize=(6.8, 2.8))
left.plot(overlaps, [error.largest for error in errors], "o-", color=ui.COLOURS["network"])
left.set_ylabel("largest difference, grey levels")
finite = [(o, e.psnr) for o, e in zip(overlaps, errors, strict=True) if np.isfinite(e.psnr)]
right.plot(*zip(*finite, strict=True), "o-", color=ui.COLOURS["network"])
right.set_ylabel("PSNR against whole, dB")
right.set_xlim(*left.get_xlim())
for axis in (left, right):
    axis.axvline(radius, color=ui.COLOURS["grey"], linestyle="--")
    axis.set_xlabel(f"overlap, pixels (dashed: radius {radius})")
plt.show()

# %% [markdown]
# *What to see: the largest difference falls to zero and stays there. The PSNR is high from the start,
# and where its dots end it is infinite: not one pixel differs.*

# %%
ui.table(
    [
        {"overlap": o, "largest difference": e.largest, "pixels that differ": e.pixels}
        for o, e in zip(overlaps, errors, strict=True)
    ]
)

# %% [markdown]
# ## The plan of tiles
#
# Rows and columns are planned alike, so one axis is enough. Read the function, then the two rules that
# it keeps: no window leaves the image, and all windows have one size.

# %%
from internlab.superres.tiling import Span

ui.show_source(plan_spans)

# %% [markdown]
# The result of a window is larger than its tile; the context is cut away again. Both steps are
# arithmetic on where a tile starts and where its window starts, in pixels that the network enlarged.

# %%
ui.show_source(Span)

# %%
figure, axis = plt.subplots(figsize=(7, 2.2))
for row, span in enumerate(plan_spans(300, 100, 8)):
    window = (span.read_start, span.read_stop - span.read_start)
    axis.broken_barh([window], (row - 0.35, 0.7), color=ui.COLOURS["grey"], alpha=0.5)
    own = (span.start, span.stop - span.start)
    axis.broken_barh([own], (row - 0.2, 0.4), color=ui.COLOURS["network"])
axis.set_yticks(range(3), ["tile 1", "tile 2", "tile 3"])
axis.invert_yaxis()
axis.set_xlabel("row of the image, low-resolution pixels")
axis.set_title("grey: what is read; blue: what is kept", loc="left")
plt.show()

# %% [markdown]
# *What to see: blue tiles cover the axis once. Grey windows reach beyond them on both sides, except at
# the border of the image, where the whole image has no neighbours either.*
#
# ## A model you did not build
#
# A service is handed an ONNX file, not a gradient. The radius can still be measured: change everything
# further away than *r*, and see whether the centre notices.

# %%
from internlab.superres.tiling import needed_overlap

ui.show_source(needed_overlap)

# %%
measured = needed_overlap(network, network.scale, np.random.default_rng(SEED))
print(f"measured from outside: {measured} px; from the gradient: {radius} px")

# %% [markdown]
# ## Exactly equal, and when not
#
# One image is an anecdote. Here are random sizes and random tiles, in three runtimes, compared after
# rounding to 8 bits, pixel by pixel.


# %%
def count_differing(runtime, sides, tiles):
    rng, differing, compared = np.random.default_rng(SEED), 0, 0
    for _ in range(tier.pick(smoke=6, cpu=30)):
        image = rng.integers(0, 256, (*rng.integers(*sides, size=2), 3), dtype=np.uint8)
        expected = upscale_whole(runtime, image)
        found = upscale_tiled(runtime, image, int(rng.integers(*tiles)), radius)
        differing += seam_error(expected, found).pixels
        compared += expected.shape[0] * expected.shape[1]
    return differing, compared


cases = [
    ("onnxruntime", (9, 160), (8, 64)),
    ("openvino", (9, 160), (8, 64)),
    ("torch", (220, 330), (128, 200)),
    ("torch", (9, 160), (8, 64)),
]
counted = []
for name, sides, tiles in cases:
    with open_from_files(name) as runtime:
        counted.append(count_differing(runtime, sides, tiles))
ui.table(
    [
        {"runtime": n, "tiles, px": f"{t[0]} to {t[1]}", "pixels that differ": d, "of": c}
        for (n, _, t), (d, c) in zip(cases, counted, strict=True)
    ]
)

# %% [markdown]
# Three lines are zero. The last one need not be: for **small** inputs PyTorch picks another algorithm,
# which adds up the same numbers in another order. The sums differ in the seventh digit, and where a
# value lies within that of a tie, such as 117.5, it rounds the other way: one grey level, in a few
# pixels of a million. No overlap cures that; larger tiles do, as the third line shows.
#
# So "tiled equals whole" is a statement about a network *and* a runtime. It is tested with both.

# %%
differing_pixels = sum(differing for differing, _ in counted[:3])
print(f"{differing_pixels} pixels differ in the three cases that should be exact")

# %% [markdown]
# ## A network that cannot be tiled
#
# `GlobalSR` from lesson 10 scales its channels by a mean over the whole image. Each tile has a mean of
# its own: a tile in a cloud another one than a tile beside it. So the test gets a cloud, a bright half.
# (The network carries our weights; the added part is untrained, which is enough to see the effect.)

# %%
import torch

from internlab.superres.runtimes import TorchRuntime

torch.manual_seed(SEED)
contrast = GlobalSR().fused()
contrast.load_state_dict(load_pretrained().state_dict(), strict=False)
cloudy = piece.copy()
cloudy[:, :150] = 255 - (255 - cloudy[:, :150]) // 4
with TorchRuntime(contrast) as global_network:
    expected = upscale_whole(global_network, cloudy)
    found = {o: upscale_tiled(global_network, cloudy, 100, o) for o in (0, 8, 32, 64)}
    reach = needed_overlap(global_network, 2, np.random.default_rng(SEED))
errors = {overlap: seam_error(expected, tiled) for overlap, tiled in found.items()}
ui.table(
    [
        {"overlap": o, "largest difference": e.largest, "pixels that differ": e.pixels}
        for o, e in errors.items()
    ],
    caption="GlobalSR in tiles of 100 px.",
)

# %%
print(f"needed_overlap finds no radius up to 32 px: {reach}")

# %% [markdown]
# The added part is weak here, so the differences are small; but they do not end, and no overlap makes
# it exact. One that has learned to matter differs more. Look for this before you choose a model for large images: global pooling,
# attention over the whole image, normalisation by the image's own statistics.
#
# ## The file: decode, compute, write
#
# Now from file to file. One row of tiles is read at a time, each tile goes through the network, each
# result to its place. This is the library's own loop:

# %%
from internlab.superres.scene_rows import SceneWorker

ui.show_source(SceneWorker.compute_row)

# %%
from internlab.superres.scene import upscale_scene

target = folder / "scene_x2.tif"
report = upscale_scene(source, target, network, tile=128, overlap=radius, progress=False)
with rasterio.open(target) as enlarged:
    found = enlarged.read().transpose(1, 2, 0)
print(f"{report.tiles} tiles, {report.height} x {report.width} pixels")
print(f"equal to the whole image: {np.array_equal(found, upscale_whole(network, scene))}")

# %% [markdown]
# ## The same place on the ground
#
# The enlarged image covers the same ground with more pixels. So the corner stays, and a pixel's step
# becomes half as long. Getting this wrong raises no error: the file opens, and everything on it lies
# somewhere else.

# %%
from internlab.superres.georeference import scaled_transform

ui.show_source(scaled_transform)

# %%
with rasterio.open(source) as before, rasterio.open(target) as after:
    rows = [
        {
            "file": name,
            "CRS": str(data.crs),
            "pixel, m": data.res[0],
            "left, m": data.bounds.left,
            "top, m": data.bounds.top,
            "right, m": data.bounds.right,
            "bottom, m": data.bounds.bottom,
        }
        for name, data in (("before", before), ("after", after))
    ]
ui.table([{k: f"{v:.0f}" if isinstance(v, float) else v for k, v in row.items()} for row in rows])

# %% [markdown]
# Equal corners are necessary. The real question is whether one point on the ground shows the same
# feature in both files. Pick a ground coordinate, ask each file for its own row and column, and look.


# %%
def look(path, easting, northing, metres=600):
    with rasterio.open(path) as data:
        row, column = data.index(easting, northing)
        half = round(metres / data.res[0] / 2)
        pixels = data.read().transpose(1, 2, 0)
        return pixels[row - half : row + half, column - half : column + half]


point = near_seoul @ (SIDE // 2, SIDE // 2)
ui.images(
    [look(source, *point).repeat(2, 0).repeat(2, 1), look(target, *point)],
    [f"before, at {point[0]:.0f} E {point[1]:.0f} N", "after, at the same point"],
    zoom=2.2,
)

# %% [markdown]
# *What to see: every edge stands at the same place in both frames. A shift of half a pixel would
# already double a narrow road when the two files are laid over each other in a map program.*
#
# ## Pixels that are not there
#
# Scenes have a tilted footprint, and around it pixels without data (결측), marked by a value such as
# 0. To the network 0 is black, and a black edge bleeds into its neighbours. So missing pixels are
# first filled from their surroundings, and after the network they are made missing again.

# %%
from internlab.superres.scene_pixels import fill_missing

ui.show_source(fill_missing)

# %%
holed = np.maximum(scene[:200, :200], 1)
y, x = np.mgrid[:200, :200]
missing = 0.45 * x + y > 200
holed[missing] = 0
upscale_scene(
    write_geotiff(folder / "holed.tif", holed, nodata=0),
    folder / "holed_x2.tif",
    network,
    tile=100,
    overlap=radius,
    progress=False,
)
with rasterio.open(folder / "holed_x2.tif") as data:
    handled, mask = data.read().transpose(1, 2, 0), data.dataset_mask() > 0
naively = upscale_whole(network, holed)
truth = upscale_whole(network, scene[:200, :200])  # What the network says where nothing is missing.
mistakes = [np.where(mask, error_map(truth, result), 0) for result in (naively, handled)]
edge = (slice(270, 370), slice(120, 220))
ui.images(
    [each[edge] for each in (handled, *mistakes)],
    ["result, at the edge", "0 taken as black", "filled first"],
    limits=(0, 20),
)

# %% [markdown]
# *What to see: both error maps compare with the scene before it had a hole (white: 20 grey levels or
# more). Black bleeds along the whole edge (middle); filled first, little is left (right). It cannot be
# nothing: what lies under the hole is not known.*

# %%
ways = ("0 taken as black", "filled first")
ui.table(
    [
        {
            "way": way,
            "largest error": int(each.max()),
            "pixels off by more than 5": int((each > 5).sum()),
        }
        for way, each in zip(ways, mistakes, strict=True)
    ],
    caption="Beside missing pixels, in grey levels of 255.",
)

# %% [markdown]
# ## Memory
#
# How much memory does a run need on top of what the loaded libraries take? The peak of a process only
# goes up, so each measurement below is a process of its own. GDAL, the library that reads the files,
# keeps a cache of up to 5 % of the machine's memory unless told otherwise; the kit bounds it.

# %% tags=["timing"]
from internlab.superres.scene_measure import scene_extra_memory

memory = {side: scene_extra_memory(side, folder, tile=128) for side in SIDES}
one_piece = {side: scene_extra_memory(side, folder, tile=side) for side in WHOLE_SIDES}
memory_ratio = memory[SIDES[-1]] / memory[SIDES[0]]

figure, axis = plt.subplots()
axis.plot(list(one_piece), list(one_piece.values()), "s-", color=ui.COLOURS["bad"])
axis.plot(list(memory), list(memory.values()), "o-", color=ui.COLOURS["good"])
axis.annotate("in one piece", list(one_piece.items())[-1], (-85, -4), textcoords="offset points")
axis.annotate("tiles of 128 px", list(memory.items())[-1], (-95, 10), textcoords="offset points")
axis.set_xlim(0, SIDES[-1] * 1.1)
axis.set_ylim(0, None)
axis.set_xlabel("side of the scene, pixels")
axis.set_ylabel("extra memory at the peak, MiB")
plt.show()
print(f"{SIDES[-1]} px against {SIDES[0]} px, tiled: {memory_ratio:.2f} times the extra memory")

# %% [markdown]
# *What to see: in one piece, memory grows with the area, four times for twice the side. In tiles it
# hardly grows; what does grow is one row of tiles in the file's own 8-bit numbers.*
#
# ## Killed half-way
#
# An hour is long enough for a power cut, a full queue or an impatient colleague. A run should lose
# minutes, not the hour. Finished tiles go into a file beside the target, and a **journal** (저널) says
# which rows are finished. The order is everything:

# %%
from internlab.superres.scene_parts import JOURNAL, PartialScene, partial_folder

ui.show_source(PartialScene.finish)

# %% [markdown]
# A write reaches the system's memory, not the disk; `fsync` forces it down. Pixels first, then the
# line in the journal: a line is a promise about pixels that are already safe. The other way round, a
# power cut between the two would leave a promise without pixels.
#
# Now live. The command runs in a process of its own; when some rows are finished it is killed with
# SIGKILL, which no program can catch.

# %%
command = [sys.executable, "-m", "internlab.superres", "upscale", "scene.tif", "killed.tif"]
command += ["--tile", "48", "--quiet"]
journal = partial_folder(folder / "killed.tif") / JOURNAL
child = subprocess.Popen(command, cwd=folder)
while child.poll() is None:
    if journal.exists() and journal.read_text().count("\n") > 3:
        child.kill()
        child.wait()
    time.sleep(0.002)
print(f"exit status {child.returncode} (-9 is SIGKILL)")
print(f"target exists: {(folder / 'killed.tif').exists()}; journal exists: {journal.exists()}")

# %% [markdown]
# The target's name does not exist: nothing half-written can be mistaken for a result. The same command
# goes on.

# %% tags=["timing"]
print(journal.read_text().split("\n", 1)[1].strip())
resumed = subprocess.run(command, cwd=folder, capture_output=True, text=True)
print(resumed.stdout.strip())

# %% [markdown]
# Is it the file that an undisturbed run would have written? Not similar: equal, in every byte.

# %%
from internlab.files import sha256_of

upscale_scene(source, folder / "calm.tif", network, 48, radius, progress=False)
resumed_is_equal = sha256_of(folder / "killed.tif") == sha256_of(folder / "calm.tif")
print(f"killed and resumed equals undisturbed, byte for byte: {resumed_is_equal}")

# %% [markdown]
# The journal's first line holds everything that the result depends on: hashes of the source and of what
# the network computes, the runtime, tile, overlap. A resumed run with other settings starts anew and
# says why. Otherwise a scene could be half one model and half another, and look fine.
#
# ## An hour to thirty minutes
#
# A job decodes, computes and writes. Only one of the three is the network. If it takes the share *p*
# of the time and becomes *k* times as fast, the whole becomes
#
# $$\text{speed-up} = \frac{1}{(1 - p) + p / k}$$
#
# times as fast (Amdahl's law: Amdahl, "Validity of the single processor approach to achieving large
# scale computing capabilities", AFIPS 1967). However large *k* is, it never exceeds 1 / (1 - p).
#
# First measure: where does the time go on this machine?

# %% tags=["timing"]
reports = {}
for name in ("torch", "onnxruntime", "openvino"):
    with open_from_files(name) as runtime:
        for _ in ("warm-up", "measured"):
            reports[name] = upscale_scene(
                source, target, runtime, 256, radius, progress=False, overwrite=True
            )
ui.table(
    [
        {
            "runtime": name,
            "decode, s": r.decode_seconds,
            "network, s": r.network_seconds,
            "write, s": r.write_seconds,
            "other, s": r.other_seconds,
            "total, s": r.total_seconds,
        }
        for name, r in reports.items()
    ],
    caption="From file to file, one thread. Other: checks, hashes, conversion of pixels.",
)

# %% [markdown]
# Then predict. The next figure takes the PyTorch run as the starting point and asks what a network
# that is *k* times as fast gives, from end to end. The measured runs are drawn in: they are a test of
# the law on this machine.

# %% tags=["timing"]
start = reports["torch"]
share = start.network_seconds / start.total_seconds
most_speedup = 1 / (1 - share)
factors = np.geomspace(0.7, 100, 100)

figure, axis = plt.subplots()
axis.plot(factors, 1 / (1 - share + share / factors), color=ui.COLOURS["network"])
axis.axhline(most_speedup, color=ui.COLOURS["grey"], linestyle="--")
axis.axhline(2, color=ui.COLOURS["grey"], linestyle=":")
for name in ("onnxruntime", "openvino"):
    k = start.network_seconds / reports[name].network_seconds
    whole_run = start.total_seconds / reports[name].total_seconds
    axis.plot(k, whole_run, "o", color=ui.COLOURS[name], label=name)
axis.set_xscale("log")
axis.set_xticks([1, 2, 5, 10, 20, 50, 100], [1, 2, 5, 10, 20, 50, 100])
axis.minorticks_off()
axis.set_xlabel("network: times as fast")
axis.set_ylabel("whole run: times as fast")
axis.set_title(f"network {share:.0%} of the time; dashed: the limit {most_speedup:.1f}", loc="left")
axis.legend()
plt.show()

# %% [markdown]
# *What to see: the curve leaves early for its dashed limit. The dotted line is the intern's factor of
# two. Beyond it, each doubling of the network's speed gives less, and soon it is the file that you
# wait for.*
#
# Now the passage again: an hour became about thirty minutes. That is a factor of two **from end to
# end**. Which network speed-up was behind it depends on a share that nobody wrote down:

# %%
shares = np.array([0.55, 0.6, 0.7, 0.8, 0.9, 1.0])
ui.table(
    [
        {"network's share": f"{p:.0%}", "needed for a factor of 2": f"{p / (p - 0.5):.1f} x"}
        for p in shares
    ],
    caption="From 1 / ((1 - p) + p / k) = 2. At 50 % or less, no network is fast enough.",
)

# %% [markdown]
# So the first question to ask about "twice as fast" is: twice what? And before the next round of
# optimisation: what share is the network *now*?
#
# ## The command
#
# All of this is one command, and it takes any ONNX model with the right signature:
#
# ```text
# python -m internlab.superres upscale scene.tif scene_x2.tif --runtime openvino --tile 256
# ```
#
# A tool for others is judged by what it says when something is wrong. Here it gets a 16-bit scene,
# whose black and white nobody can guess.

# %%
write_geotiff(folder / "deep.tif", scene.astype(np.uint16) * 40, dtype="uint16")
tool = [sys.executable, "-m", "internlab.superres", "upscale", "deep.tif", "deep_x2.tif", "--quiet"]
for extra in ([], ["--range", "0", "10200"]):
    done = subprocess.run(tool + extra, cwd=folder, capture_output=True, text=True)
    print(f"$ upscale deep.tif deep_x2.tif {' '.join(extra)}   -> exit status {done.returncode}")
    print((done.stderr or done.stdout.split("\n")[0]).strip() + "\n")

# %% [markdown]
# It says what was given, what was expected and what to do, in one paragraph, before any work is done.
# Greyscale, four bands, NaN, truncated files, a full disk and a model of another signature are treated
# the same way: right, or refused with a reason.
#
# ## Before and after, on a real image
#
# The last picture is a real one, from the test images of lesson 10, which no training has seen.

# %%
from internlab.superres.degrade import bicubic_upscale, crop_to_multiple, downscale

original = crop_to_multiple(photo, 2)
small = downscale(original, 2)
crop = (slice(20, 160), slice(200, 340))
results = {
    "low resolution": small.repeat(2, 0).repeat(2, 1),
    "bicubic": bicubic_upscale(small, 2),
    "network, tiled": upscale_tiled(network, small, 128, radius),
    "reference": original,
}
ui.images([image[crop] for image in results.values()], list(results), columns=2, zoom=1.7)

# %% [markdown]
# *What to see: trunks and their shadows have crisper outlines than in the bicubic image, and less detail
# than in the reference. The network sharpens what is there; what the small image has lost stays lost.*
#
# ## Close the note

# %% tags=["timing"]
note.close(
    {
        "differing_pixels": differing_pixels,
        "memory_ratio": memory_ratio,
        "most_speedup": most_speedup,
        "resumed_is_equal": float(resumed_is_equal),
    },
    learned="Tiles are exact when they are read with the receptive radius, and that is a property of "
    "network and runtime together. A mean hides seams. The share of the network decides what its "
    "speed is worth.",
    ask="Which share of your own job is the network? Measure before you optimise.",
)
note

# %% [markdown]
# ## At full scale
#
# - **Overlap the three.** Decoding, computing and writing can run at the same time, in three threads.
#   The run then takes as long as the slowest of them, and Amdahl's sum becomes a maximum.
# - **A GPU** makes the network so fast that the file comes first: more threads to decode and compress,
#   tiles in batches, `--runtime tensorrt` (lesson 12).
# - **Many machines.** Rows of tiles are independent; a journal for each worker is all they share.
#
# **Now you:** [lab 13](../labs/13_whole_scene.ipynb) has you write tiles, crops, the geotransform and a
# measure that finds seams, survive a power cut, and defend an estimate for a scene of 10⁸ pixels.
