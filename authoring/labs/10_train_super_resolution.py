# ---
# title: Train a super-resolution network (lab)
# minutes: 60
# passages: [sia-tensorrt-sr, kb-baseline-gap-loop]
# smoke_seconds: 40
# ---
# %% [markdown]
# # Lab 10 · Train a super-resolution network
#
# *60 minutes. You need: [lesson 10](../notebooks/10_train_super_resolution.ipynb).*
#
# You write the pieces of the lesson yourself: the measure, the pixel shuffle, the fusion, the reach of
# a pixel. Then you find a leak in a split, and at the end you run an experiment and defend what it
# shows. Replace each `...`, run the cell, and read the line that `check()` prints. The exercises do
# not depend on each other.

# %%
import numpy as np

from internlab import notebook_ui as ui
from internlab import passages, tier
from internlab.superres.exercises.training import check, hint

tier.one_thread()
ui.style()
passages.card("sia-tensorrt-sr", "kb-baseline-gap-loop")

# %% [markdown]
# ## 1 · PSNR
#
# Write the peak signal-to-noise ratio of two luminance images, in decibel:
#
# $$\mathrm{PSNR} = 10 \log_{10} \frac{255^2}{\mathrm{MSE}}$$
#
# MSE is the mean of the squared differences, over all pixels except a frame of `border` pixels on
# each side. `reference` and `estimate` are float arrays of the same shape (height, width); `border` is
# at least 1.


# %%
def psnr(reference, estimate, border):
    ### BEGIN SOLUTION
    inner = slice(border, -border)
    mse = np.mean((reference[inner, inner] - estimate[inner, inner]) ** 2)
    return 10 * np.log10(255**2 / mse)
    ### END SOLUTION


check("psnr", psnr)

# %%
# hint("psnr", 1)


# %% tags=["wrong"]
# says: the difference is the border
def psnr(reference, estimate, border):
    mse = np.mean((reference - estimate) ** 2)
    return 10 * np.log10(255**2 / mse)


check("psnr", psnr)


# %% tags=["wrong"]
# says: ten times which logarithm
def psnr(reference, estimate, border):
    inner = slice(border, -border)
    mse = np.mean((reference[inner, inner] - estimate[inner, inner]) ** 2)
    return 10 * np.log(255**2 / mse)


check("psnr", psnr)


# %% tags=["wrong"]
# says: is the ratio in the logarithm one of squares
def psnr(reference, estimate, border):
    inner = slice(border, -border)
    rmse = np.sqrt(np.mean((reference[inner, inner] - estimate[inner, inner]) ** 2))
    return 10 * np.log10(255 / rmse)


check("psnr", psnr)


# %% tags=["wrong"]
# says: expected one number
def psnr(reference, estimate, border):
    inner = slice(border, -border)
    return 10 * np.log10(255**2 / (reference[inner, inner] - estimate[inner, inner]) ** 2)


check("psnr", psnr)


# %% tags=["alternative"]
def psnr(reference, estimate, border):
    height, width = reference.shape
    difference = (estimate - reference)[border : height - border, border : width - border]
    return 20 * np.log10(255 / np.sqrt((difference**2).mean()))


check("psnr", psnr)

# %% [markdown]
# ## 2 · Pixel shuffle
#
# The network's last layer gives `scale * scale` channels for each colour, all at the small size. The
# shuffle lays them out as pixels: channel `c * scale**2 + i * scale + j` becomes row `i`, column `j`
# inside each block of colour `c`. Turn an array of shape (C * scale², H, W) into one of shape
# (C, scale * H, scale * W), with NumPy only.


# %%
def pixel_shuffle(channels, scale):
    ### BEGIN SOLUTION
    colours, height, width = channels.shape[0] // scale**2, *channels.shape[1:]
    blocks = channels.reshape(colours, scale, scale, height, width)
    rows_then_columns = blocks.transpose(0, 3, 1, 4, 2)
    return rows_then_columns.reshape(colours, height * scale, width * scale)
    ### END SOLUTION


check("shuffle", pixel_shuffle)

# %%
# hint("shuffle", 1)


# %% tags=["wrong"]
# says: a reshape alone keeps the values in their old order
def pixel_shuffle(channels, scale):
    colours, height, width = channels.shape[0] // scale**2, *channels.shape[1:]
    return channels.reshape(colours, height * scale, width * scale)


check("shuffle", pixel_shuffle)


# %% tags=["wrong"]
# says: rows and columns inside a block are exchanged
def pixel_shuffle(channels, scale):
    colours, height, width = channels.shape[0] // scale**2, *channels.shape[1:]
    blocks = channels.reshape(colours, scale, scale, height, width)
    return blocks.transpose(0, 3, 2, 4, 1).reshape(colours, height * scale, width * scale)


check("shuffle", pixel_shuffle)


# %% tags=["wrong"]
# says: expected (3, 8, 10)
def pixel_shuffle(channels, scale):
    return channels


check("shuffle", pixel_shuffle)


# %% tags=["alternative"]
def pixel_shuffle(channels, scale):
    colours, height, width = channels.shape[0] // scale**2, *channels.shape[1:]
    image = np.empty((colours, height * scale, width * scale))
    for colour in range(colours):
        for i in range(scale):
            for j in range(scale):
                image[colour, i::scale, j::scale] = channels[colour * scale**2 + i * scale + j]
    return image


check("shuffle", pixel_shuffle)

# %% [markdown]
# ## 3 · Fuse three branches
#
# A block adds up three things: a 3x3 convolution with kernel `wide` of shape (C, C, 3, 3), a 1x1
# convolution with kernel `point` of shape (C, C), and its input, unchanged. Return the kernel of the one
# 3x3 convolution that does the same.


# %%
def fuse(wide, point):
    ### BEGIN SOLUTION
    fused = wide.copy()
    fused[:, :, 1, 1] += point + np.eye(len(point))
    return fused
    ### END SOLUTION


check("fuse", fuse)

# %%
# hint("fuse", 1)


# %% tags=["wrong"]
# says: the block also adds its input unchanged
def fuse(wide, point):
    fused = wide.copy()
    fused[:, :, 1, 1] += point
    return fused


check("fuse", fuse)


# %% tags=["wrong"]
# says: the kernel changed outside its centre
def fuse(wide, point):
    return wide + (point + np.eye(len(point)))[:, :, None, None]


check("fuse", fuse)


# %% tags=["wrong"]
# says: expected it on the diagonal only
def fuse(wide, point):
    fused = wide.copy()
    fused[:, :, 1, 1] += point + 1
    return fused


check("fuse", fuse)


# %% tags=["alternative"]
def fuse(wide, point):
    identity = np.identity(point.shape[0])
    padded = np.pad((point + identity)[:, :, None, None], ((0, 0), (0, 0), (1, 1), (1, 1)))
    return padded + wide


check("fuse", fuse)

# %% [markdown]
# ## 4 · How far does a pixel reach?
#
# A network is a chain of convolutions with stride 1 and odd kernel sizes, for example
# `[3, 3, 1, 5]`. How many pixels away from an output pixel can an input pixel be and still change it?
# This number, the **radius of the receptive field** (수용 영역), is the overlap that tiles need in
# lesson 13.


# %%
def reach(sizes):
    ### BEGIN SOLUTION
    return sum((size - 1) // 2 for size in sizes)
    ### END SOLUTION


check("radius", reach)

# %%
# hint("radius", 1)


# %% tags=["wrong"]
# says: that is the full width
def reach(sizes):
    return 1 + sum(size - 1 for size in sizes)


check("radius", reach)


# %% tags=["wrong"]
# says: how far from its middle does a kernel of 3 reach
def reach(sizes):
    return sum(sizes)


check("radius", reach)

# %% [markdown]
# ## 5 · Find the leak
#
# Before you trust a test result, check the split. `site` says where each image was taken, `part` which
# part of the split it is in: `"train"`, `"validation"` or `"test"`. Return the set of sites that leak,
# that is, whose images are in more than one part.
#
# ```python
# site = {"a": "river", "b": "river", "c": "forest"}
# part = {"a": "train", "b": "test", "c": "train"}
# leaking_sites(site, part)    # {"river"}
# ```


# %%
def leaking_sites(site, part):
    ### BEGIN SOLUTION
    parts_of = {}
    for image, place in site.items():
        parts_of.setdefault(place, set()).add(part[image])
    return {place for place, parts in parts_of.items() if len(parts) > 1}
    ### END SOLUTION


check("leak", leaking_sites)

# %%
# hint("leak", 1)


# %% tags=["wrong"]
# says: a leak into validation one as well
def leaking_sites(site, part):
    trained = {site[image] for image in site if part[image] == "train"}
    tested = {site[image] for image in site if part[image] == "test"}
    return trained & tested


check("leak", leaking_sites)


# %% tags=["wrong"]
# says: several images, or several parts
def leaking_sites(site, part):
    places = list(site.values())
    return {place for place in places if places.count(place) > 1}


check("leak", leaking_sites)


# %% tags=["wrong"]
# says: expected names of sites
def leaking_sites(site, part):
    return {
        image
        for image in site
        if any(site[image] == site[other] and part[image] != part[other] for other in site)
    }


check("leak", leaking_sites)


# %% tags=["alternative"]
def leaking_sites(site, part):
    pairs = {(site[image], part[image]) for image in site}
    places = [place for place, _ in pairs]
    return sorted({place for place in places if places.count(place) > 1})


check("leak", leaking_sites)

# %% [markdown]
# ## 6 · Run an experiment, and defend what it shows
#
# A colleague says: "Even a minute is wasted. A network beats bicubic after twenty steps of training."
# The function below trains for twenty steps with the seed you give it, and returns the gain over bicubic
# on the validation image, in dB. A call takes a second or two.

# %%
from internlab.data.aerial import aerial_images
from internlab.superres.evaluate import as_upscaler, evaluate, mean_gain
from internlab.superres.training import train

images = aerial_images()


def measure_gain(seed):
    network = train(images.train, seed=seed, steps=20)
    return mean_gain(evaluate(as_upscaler(network), images.validation))


# %% [markdown]
# Measure as often as you need, and answer with a dictionary: `gains` holds a gain in dB for each seed,
# and `conclusion` is one of `"better"`, `"worse"` and `"cannot tell"`. Say better or worse only if every
# seed agrees.

# %%
### BEGIN SOLUTION
gains = [measure_gain(seed) for seed in (0, 1, 2)]
agree = "better" if min(gains) > 0 else "worse" if max(gains) < 0 else "cannot tell"
answer = {"gains": gains, "conclusion": agree}
### END SOLUTION
check("conclusion", answer)

# %%
# hint("conclusion", 1)

# %% tags=["wrong"]
# says: how would you know that it was not luck
answer = {"gains": [0.02], "conclusion": "better"}
check("conclusion", answer)

# %% tags=["wrong"]
# says: did every run get a seed of its own
answer = {"gains": [0.02, 0.02, 0.02], "conclusion": "better"}
check("conclusion", answer)

# %% tags=["wrong"]
# says: do all seeds agree on the sign
answer = {"gains": [0.02, -0.01, 0.03], "conclusion": "better"}
check("conclusion", answer)

# %% tags=["wrong"]
# says: which does the sign of the gains support
answer = {"gains": [0.02, 0.01, 0.03], "conclusion": "yes"}
check("conclusion", answer)

# %% tags=["alternative"]
answer = {"conclusion": "cannot tell", "gains": np.array([0.02, -0.01, 0.03, 0.01])}
check("conclusion", answer)

# %% [markdown]
# ## What you did
#
# You wrote the measure that the track is judged by, the shuffle and the fusion that make the network
# cheap to run, and the reach that lesson 13 builds on. You also let three seeds speak before you agreed
# with a colleague. The worked answers are in
# [solutions](../solutions/10_train_super_resolution.ipynb). Next:
# [lesson 11](../notebooks/11_export_and_run.ipynb).
