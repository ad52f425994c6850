# ---
# title: The whole scene (lab)
# minutes: 60
# passages: [sia-tensorrt-sr, kb-serving-limits]
# smoke_seconds: 10
# ---
# %% [markdown]
# # Lab 13 · The whole scene
#
# *60 minutes. You need: [lesson 13](../notebooks/13_whole_scene.ipynb).*
#
# You write the pieces that turn a network for small images into a tool for whole scenes: the tiles and
# their crops, the place on the ground, a measure that finds a seam, the missing pixels. Then you decide
# how a run survives a power cut, and at the end you estimate a large scene and defend a conclusion.
# Replace each `...`, run the cell, and read the line that `check()` prints. The exercises do not depend
# on each other.

# %%
import math

import numpy as np

from internlab import passages
from internlab.superres.exercises.scenes import check, hint

passages.card("sia-tensorrt-sr", "kb-serving-limits")

# %% [markdown]
# ## 1 · How many tiles
#
# An image of `height` x `width` pixels is cut into square tiles (타일) of `tile` pixels a side. What is
# left over at the right and at the bottom gets tiles of its own. How many tiles are there?


# %%
def tile_count(height, width, tile):
    ### BEGIN SOLUTION
    return math.ceil(height / tile) * math.ceil(width / tile)
    ### END SOLUTION


check("count", tile_count)

# %%
# hint("count", 1)


# %% tags=["wrong"]
# says: left over at the end
def tile_count(height, width, tile):
    return (height // tile) * (width // tile)


check("count", tile_count)


# %% tags=["wrong"]
# says: a tile cannot be cut up
def tile_count(height, width, tile):
    return math.ceil(height * width / tile**2)


check("count", tile_count)


# %% tags=["wrong"]
# says: an exact multiple of the tile
def tile_count(height, width, tile):
    return (height // tile + 1) * (width // tile + 1)


check("count", tile_count)


# %% tags=["alternative"]
def tile_count(height, width, tile):
    return len([(y, x) for y in range(0, height, tile) for x in range(0, width, tile)])


check("count", tile_count)

# %% [markdown]
# ## 2 · Cut the tile out of its window
#
# A tile is responsible for rows `start` to `stop` of the low-resolution image (`stop` not included). It
# is read with context, so its window begins earlier, at row `read_start`. The network enlarges the
# window `scale` times. Between which rows of the *enlarged window* does the tile lie? Return
# `(first, last)`, `last` not included.


# %%
def crop(start, stop, read_start, scale):
    ### BEGIN SOLUTION
    first = scale * (start - read_start)
    last = scale * (stop - read_start)
    return first, last
    ### END SOLUTION


check("crop", crop)

# %%
# hint("crop", 1)


# %% tags=["wrong"]
# says: yours are rows of the image
def crop(start, stop, read_start, scale):
    return scale * start, scale * stop


check("crop", crop)


# %% tags=["wrong"]
# says: yours are low-resolution rows
def crop(start, stop, read_start, scale):
    return start - read_start, stop - read_start


check("crop", crop)


# %% tags=["wrong"]
# says: in which pixels is read_start counted
def crop(start, stop, read_start, scale):
    return scale * start - read_start, scale * stop - read_start


check("crop", crop)


# %% tags=["wrong"]
# says: from where does the end count
def crop(start, stop, read_start, scale):
    return scale * (start - read_start), scale * (stop - start)


check("crop", crop)


# %% tags=["alternative"]
def crop(start, stop, read_start, scale):
    margin = start - read_start
    return np.array([margin, margin + (stop - start)]) * scale


check("crop", crop)

# %% [markdown]
# ## 3 · The same place on the ground
#
# A geotransform (좌표 변환) is six numbers. It maps a column and a row, counted from the top left
# *corner* of the image, to metres on the map:
#
# $$X = a\,\mathrm{column} + b\,\mathrm{row} + c \qquad Y = d\,\mathrm{column} + e\,\mathrm{row} + f$$
#
# The image is enlarged `scale` times. Return the six numbers of the enlarged image, so that every
# feature stays where it is on the ground.


# %%
def enlarged(transform, scale):
    a, b, c, d, e, f = transform
    ### BEGIN SOLUTION
    return a / scale, b / scale, c, d / scale, e / scale, f
    ### END SOLUTION


check("geotransform", enlarged)

# %%
# hint("geotransform", 1)


# %% tags=["wrong"]
# says: your pixels became larger
def enlarged(transform, scale):
    a, b, c, d, e, f = transform
    return a * scale, b * scale, c, d * scale, e * scale, f


check("geotransform", enlarged)


# %% tags=["wrong"]
# says: did the image leave its place
def enlarged(transform, scale):
    return tuple(number / scale for number in transform)


check("geotransform", enlarged)


# %% tags=["wrong"]
# says: the corner of the first pixel, not its centre
def enlarged(transform, scale):
    a, b, c, d, e, f = transform
    half = 0.5 - 0.5 / scale
    return a / scale, b / scale, c + half * a, d / scale, e / scale, f + half * e


check("geotransform", enlarged)


# %% tags=["wrong"]
# says: which of b and d are steps
def enlarged(transform, scale):
    a, b, c, d, e, f = transform
    return a / scale, b, c, d, e / scale, f


check("geotransform", enlarged)


# %% tags=["alternative"]
def enlarged(transform, scale):
    from affine import Affine

    return Affine(*transform) @ Affine.scale(1 / scale)


check("geotransform", enlarged)

# %% [markdown]
# ## 4 · Find the seam
#
# Two results are compared with the whole image. One has a seam (이음매): 60 pixels in a row are off by
# 25 grey levels, and everybody sees the line. The other has even noise of at most 4 grey levels, and
# nobody sees it. By PSNR the noise is worse.
#
# Write a measure of two images, (height, width, 3) and `uint8`, that is clearly larger for the seam.


# %%
def seam_measure(whole, tiled):
    ### BEGIN SOLUTION
    difference = whole.astype(int) - tiled.astype(int)
    return np.abs(difference).max()
    ### END SOLUTION


check("seam", seam_measure)

# %%
# hint("seam", 1)


# %% tags=["wrong"]
# says: A mean hides a few bad pixels
def seam_measure(whole, tiled):
    return np.mean((whole.astype(float) - tiled) ** 2)


check("seam", seam_measure)


# %% tags=["wrong"]
# says: unsigned 8-bit numbers
def seam_measure(whole, tiled):
    return np.abs(whole - tiled).max()


check("seam", seam_measure)


# %% tags=["wrong"]
# says: which way does yours go
def seam_measure(whole, tiled):
    return -np.abs(whole.astype(int) - tiled.astype(int)).max()


check("seam", seam_measure)


# %% tags=["wrong"]
# says: not finite
def seam_measure(whole, tiled):
    with np.errstate(divide="ignore"):
        return 10 * np.log10(255**2 / np.mean((whole.astype(float) - tiled) ** 2))


check("seam", seam_measure)


# %% tags=["alternative"]
def seam_measure(whole, tiled):
    brighter, darker = np.maximum(whole, tiled), np.minimum(whole, tiled)
    return ((brighter - darker) > 10).any(axis=2).sum()


check("seam", seam_measure)

# %% [markdown]
# ## 5 · Which pixels hold data
#
# Scenes have pixels without data (결측): outside a rotated footprint, or under a removed cloud. They
# hold the file's `nodata` value. A pixel is missing if **all** its bands hold it: one band of a dark
# pixel may be 0 by right. `nodata` may also be NaN.
#
# Return a Boolean array (height, width): True where there is data. `pixels` is a float array
# (height, width, 3).


# %%
def valid_pixels(pixels, nodata):
    ### BEGIN SOLUTION
    missing = np.isnan(pixels) if np.isnan(nodata) else pixels == nodata
    return ~missing.all(axis=2)
    ### END SOLUTION


check("valid", valid_pixels)

# %%
# hint("valid", 1)


# %% tags=["wrong"]
# says: may one band be 0
def valid_pixels(pixels, nodata):
    missing = np.isnan(pixels) if np.isnan(nodata) else pixels == nodata
    return ~missing.any(axis=2)


check("valid", valid_pixels)


# %% tags=["wrong"]
# says: is NaN equal to itself
def valid_pixels(pixels, nodata):
    return (pixels != nodata).any(axis=2)


check("valid", valid_pixels)


# %% tags=["wrong"]
# says: expected True for data
def valid_pixels(pixels, nodata):
    return np.isnan(pixels).all(axis=2) | (pixels == nodata).all(axis=2)


check("valid", valid_pixels)


# %% tags=["wrong"]
# says: one answer for a pixel
def valid_pixels(pixels, nodata):
    return pixels != nodata


check("valid", valid_pixels)


# %% tags=["alternative"]
def valid_pixels(pixels, nodata):
    values = np.nan_to_num(pixels, nan=-1e30)
    return (values != (-1e30 if math.isnan(nodata) else nodata)).any(axis=2)


check("valid", valid_pixels)

# %% [markdown]
# ## 6 · What a faster network gives
#
# A run decodes, computes and writes, one after another; you know the seconds of each. The network
# becomes `speedup` times as fast, the rest stays. How many times as fast is the whole run?


# %%
def whole_speedup(decode, network, write, speedup):
    ### BEGIN SOLUTION
    before = decode + network + write
    after = decode + network / speedup + write
    return before / after
    ### END SOLUTION


check("amdahl", whole_speedup)

# %%
# hint("amdahl", 1)


# %% tags=["wrong"]
# says: do decode and write get faster too
def whole_speedup(decode, network, write, speedup):
    return speedup


check("amdahl", whole_speedup)


# %% tags=["wrong"]
# says: or the reverse
def whole_speedup(decode, network, write, speedup):
    return (decode + network / speedup + write) / (decode + network + write)


check("amdahl", whole_speedup)


# %% tags=["wrong"]
# says: is the network all that is left
def whole_speedup(decode, network, write, speedup):
    return (decode + network + write) / (network / speedup)


check("amdahl", whole_speedup)


# %% tags=["wrong"]
# says: yours is the new time in seconds
def whole_speedup(decode, network, write, speedup):
    return decode + network / speedup + write


check("amdahl", whole_speedup)


# %% tags=["alternative"]
def whole_speedup(decode, network, write, speedup):
    share = network / (decode + network + write)
    return 1 / (1 - share + share / speedup)


check("amdahl", whole_speedup)

# %% [markdown]
# ## 7 · Survive a power cut
#
# A run keeps finished rows in a file of pixels, and a journal (저널) that says which rows are finished.
# A write goes to the system's memory first; it is on the disk for certain only after a sync. Until then
# the system may put it there at any moment, or lose it, and the order of two writes means nothing.
#
# Put these steps into an order in which no power cut makes a resumed run take over rubbish, and nothing
# that was finished is lost: `"write pixels"`, `"sync pixels"`, `"write journal"`, `"sync journal"`. The
# check tries a power cut after each step.

# %%
### BEGIN SOLUTION
steps = ["write pixels", "sync pixels", "write journal", "sync journal"]
### END SOLUTION

check("order", steps)

# %%
# hint("order", 1)

# %% tags=["wrong"]
# says: What must be safe before the journal is written
steps = ["write pixels", "write journal", "sync pixels", "sync journal"]
check("order", steps)

# %% tags=["wrong"]
# says: a row that was finished
steps = ["write pixels", "sync pixels", "write journal"]
check("order", steps)

# %% tags=["wrong"]
# says: never writes both
steps = ["write pixels", "sync pixels"]
check("order", steps)

# %% tags=["alternative"]
steps = ("write pixels", "sync pixels", "write journal", "sync pixels", "sync journal")
check("order", steps)

# %% [markdown]
# ## 8 · Estimate a scene, and defend it
#
# Your colleague wants to halve the time of a scene of 10⁸ pixels with a faster network. `measured` is a
# dict with what you measured on one tile, in microseconds (µs) for one pixel:
#
# | key | meaning |
# |---|---|
# | `pixels` | low-resolution pixels of the scene |
# | `tile`, `overlap` | each tile of `tile` x `tile` is read with `overlap` more on all four sides |
# | `scale` | enlargement of each side |
# | `decode_us` | decoding, for a low-resolution pixel (take each as decoded once) |
# | `network_us` | network, for each pixel of a window that it sees |
# | `write_us` | writing, for a pixel of the result |
#
# Return a dict: `"seconds"` for the whole scene (take every window as full size), `"most"`, the
# speed-up of the whole that no network, however fast, can exceed, and `"halved"`, True if a faster
# network alone could halve the time.


# %%
def estimate(measured):
    ### BEGIN SOLUTION
    window = measured["tile"] + 2 * measured["overlap"]
    seen = measured["pixels"] * window**2 / measured["tile"] ** 2
    written = measured["pixels"] * measured["scale"] ** 2
    fixed = measured["pixels"] * measured["decode_us"] + written * measured["write_us"]
    whole = fixed + seen * measured["network_us"]
    return {"seconds": whole / 1e6, "most": whole / fixed, "halved": whole / fixed >= 2}
    ### END SOLUTION


check("estimate", estimate)

# %%
# hint("estimate", 1)


# %% tags=["wrong"]
# says: how many pixels does the network see
def estimate(measured):
    written = measured["pixels"] * measured["scale"] ** 2
    fixed = measured["pixels"] * measured["decode_us"] + written * measured["write_us"]
    whole = fixed + measured["pixels"] * measured["network_us"]
    return {"seconds": whole / 1e6, "most": whole / fixed, "halved": whole / fixed >= 2}


check("estimate", estimate)


# %% tags=["wrong"]
# says: write_us is for a pixel of the result
def estimate(measured):
    window = measured["tile"] + 2 * measured["overlap"]
    seen = measured["pixels"] * window**2 / measured["tile"] ** 2
    fixed = measured["pixels"] * (measured["decode_us"] + measured["write_us"])
    whole = fixed + seen * measured["network_us"]
    return {"seconds": whole / 1e6, "most": whole / fixed, "halved": whole / fixed >= 2}


check("estimate", estimate)


# %% tags=["wrong"]
# says: the measurements are in microseconds
def estimate(measured):
    window = measured["tile"] + 2 * measured["overlap"]
    seen = measured["pixels"] * window**2 / measured["tile"] ** 2
    written = measured["pixels"] * measured["scale"] ** 2
    fixed = measured["pixels"] * measured["decode_us"] + written * measured["write_us"]
    whole = fixed + seen * measured["network_us"]
    return {"seconds": whole, "most": whole / fixed, "halved": whole / fixed >= 2}


check("estimate", estimate)


# %% tags=["wrong"]
# says: what does halving the time need
def estimate(measured):
    window = measured["tile"] + 2 * measured["overlap"]
    seen = measured["pixels"] * window**2 / measured["tile"] ** 2
    written = measured["pixels"] * measured["scale"] ** 2
    fixed = measured["pixels"] * measured["decode_us"] + written * measured["write_us"]
    whole = fixed + seen * measured["network_us"]
    return {"seconds": whole / 1e6, "most": whole / fixed, "halved": True}


check("estimate", estimate)


# %% tags=["alternative"]
def estimate(measured):
    million = measured["pixels"] / 1e6
    network = million * measured["network_us"]
    network *= (1 + 2 * measured["overlap"] / measured["tile"]) ** 2
    fixed = million * (measured["decode_us"] + measured["write_us"] * measured["scale"] ** 2)
    return {
        "seconds": np.float64(fixed + network),
        "most": 1 + network / fixed,
        "halved": np.bool_(network >= fixed),
    }


check("estimate", estimate)

# %% [markdown]
# **To defend, in two sentences:** *which of the three parts would you make faster first, and what would
# you have to measure to be sure?* Write them down before you open the solution, and compare with what
# the lesson's figure shows.
