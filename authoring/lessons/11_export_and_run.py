# ---
# title: Export and run
# minutes: 60
# passages: [sia-tensorrt-sr, nrc-onnx-quantisation, kb-serving-limits]
# smoke_seconds: 40
# ---
# %% [markdown]
# # 11 · Export and run
#
# *60 minutes. You need: lesson 10, or only its idea. The trained network comes with the kit.*
#
# After this notebook you can
#
# - write a PyTorch network as an ONNX file of any image size, and check what was written,
# - run one file with several runtimes (런타임) and compare what they return,
# - find out that a runtime does not run where you told it to,
# - make an INT8 version, and say what it costs in quality,
# - measure speed so that a sceptical colleague believes you.

# %%
from internlab import passages

passages.card("sia-tensorrt-sr", "nrc-onnx-quantisation", "kb-serving-limits")

# %% [markdown]
# An intern made super-resolution of a satellite image much faster, without a new network: the same
# weights ran in another program. A second one used ONNX and quantisation for the same end. A team
# lead explains why that counts: a service, unlike a contest, has a budget.
#
# This lesson does their job on your CPU. Lesson 12 goes on to TensorRT.

# %%
from internlab import notebook_ui as ui
from internlab import tier

TIER = tier.current()
SEED = 0
SIZE = 128  # side of the timed input, in low-resolution pixels
ROUNDS = tier.pick(smoke=7, cpu=41)
CALIBRATION_CROPS = tier.pick(smoke=8, cpu=32)
DRAWS = tier.pick(smoke=1, cpu=5)  # random choices of the calibration crops
COMPILE = tier.pick(smoke=False, cpu=True)  # torch.compile takes a while to build
tier.one_thread()
ui.style()
print(f"tier {TIER}, seed {SEED}, {ROUNDS} rounds, {CALIBRATION_CROPS} calibration crops")

# %% [markdown]
# Everything runs on one thread. More threads are faster, but their number is then one more thing
# that can differ between the two sides of a comparison.
#
# ## Hypothesis first
#
# Four numbers, before anything runs. They are the same bars that `make claims` holds the kit to.
#
# - The exported file computes the same as PyTorch, up to rounding in float32.
# - ONNX Runtime is faster than PyTorch at its best settings, because it sees the whole graph before
#   it starts and PyTorch sees one layer at a time.
# - 8-bit integers lose little quality.
# - All in all the CPU can do the job in half the time.

# %%
from internlab import claims, notes

note = notes.open(
    question="How much faster can the same network run on this CPU, and what does that cost?",
    hypothesis="A runtime that plans the whole graph is faster for free; INT8 is faster again, for "
    "a loss in quality that nobody sees.",
    expect=[
        claims.expectation("superres", "onnx-error", "onnx_error"),
        claims.expectation("superres", "onnxruntime-speedup", "onnxruntime_speedup"),
        claims.expectation("superres", "int8-loss", "int8_loss_db"),
        claims.expectation("superres", "best-cpu-path", "best_speedup"),
    ],
    seed=SEED,
    slug="11-export-and-run",
)
note

# %% [markdown]
# ## The smallest thing that works
#
# The trained network of lesson 10, in PyTorch, is the baseline (기준 모델). Its branches are fused,
# so it is a plain chain of convolutions with a bicubic skip beside it.

# %%
import numpy as np
import torch

from internlab.data.aerial import aerial_images
from internlab.superres.model import load_pretrained

images = aerial_images()
network = load_pretrained()
rng = np.random.default_rng(SEED)
batch = rng.random((1, 3, SIZE, SIZE), dtype=np.float32)
with torch.inference_mode():
    enlarged = network(torch.from_numpy(batch))
print(f"{tuple(batch.shape)} -> {tuple(enlarged.shape)}")

# %% [markdown]
# ## Export: from a Python program to a file
#
# A PyTorch module is Python code, and only Python can run it. ONNX is a file format for the
# computation itself: a list of operators (연산자) with their weights. To export (내보내기) means to
# follow the module once, with an example input, and write down every operation.
#
# Two arguments matter most. `dynamic_shapes` names the sizes that may change; without it the file
# takes only the size of the example. `opset_version` is the edition of ONNX's operator set.

# %%
import copy

import onnx

from internlab.files import cache_dir
from internlab.superres.export import quiet_exporter

FOLDER = cache_dir() / "lesson-11"
FOLDER.mkdir(exist_ok=True)


def export(module, path, opset):
    with quiet_exporter():  # it logs a lot, and we check the file instead
        torch.onnx.export(
            copy.deepcopy(module),
            (torch.rand(2, 3, 24, 32),),
            str(path),
            dynamic_shapes=({0: "n", 2: "h", 3: "w"},),
            opset_version=opset,
            input_names=["lr"],
            output_names=["sr"],
            external_data=False,
            verbose=False,
        )
    return onnx.load(path)


model = export(network, FOLDER / "by_hand.onnx", opset=18)
for value in (*model.graph.input, *model.graph.output):
    shape = [dim.dim_param or dim.dim_value for dim in value.type.tensor_type.shape.dim]
    print(value.name, shape)

# %% [markdown]
# The height and the width are names, not numbers, and the output's are twice those of the input. So
# the file takes images of any size.
#
# ### Trap 1: you do not always get the opset you ask for
#
# Suppose the machine in production has an old runtime that reads opset 13 and below. You ask for
# it, and the export returns normally.

# %%
old = export(network, FOLDER / "old.onnx", opset=13)
print("asked for opset 13, the file says", old.opset_import[0].version)

# %% [markdown]
# The exporter writes opset 18 and then converts. Where it has no conversion it logs a long trace,
# keeps 18, and goes on. In a script whose log nobody reads, the fault shows up weeks later on the
# other machine. So the kit's `to_onnx` looks into the file that was written.

# %%
from internlab.superres.export import to_onnx

try:
    to_onnx(network, FOLDER / "old.onnx", opset=13)
except ValueError as error:
    print(error)

fp32 = to_onnx(network, FOLDER / "fp32.onnx")
onnx.checker.check_model(fp32, full_check=True)
print(f"\n{fp32.name}: opset {onnx.load(fp32).opset_import[0].version}, checked")

# %% [markdown]
# ## Read the graph
#
# The file is no black box. Its operators are few enough for a table.

# %%
from internlab.superres.export import operators

MEANING = {
    "Conv": "the convolutions, and the bicubic skip written as one",
    "Relu": "sets negative values to zero",
    "Pad": "repeats the border pixels for the skip",
    "Add": "network plus skip",
    "DepthToSpace": "12 channels at h x w become 3 channels at 2h x 2w (PixelShuffle)",
}
rows = [
    {"operator": name, "count": count, "what it does here": MEANING.get(name, "")}
    for name, count in operators(fp32).items()
]
ui.table(rows, "Operators of the exported network")

# %% [markdown]
# Look for two things in such a table. Operators that you did not write, such as `Shape`, `Gather` or
# `Resize`, are sizes computed at run time, and often what another runtime refuses. And `Relu` is a
# separate operator here: whether it costs a separate pass over memory is up to the runtime. You can
# open the file in [Netron](https://netron.app) to see the graph drawn.
#
# ## The same numbers?
#
# Equal on one input of the example's size proves little. Sizes that are odd, thin or a single pixel
# are where padding and rounding differ. This is the code that runs the file, once its session is open:

# %%
from internlab.superres.runtimes import OnnxRuntime, TorchRuntime

ui.show_source(OnnxRuntime._run)

# %%
eager = TorchRuntime(network)
exported = OnnxRuntime(fp32)
rows = []
for height, width in ((128, 128), (97, 61), (33, 200), (7, 5), (1, 1)):
    probe = rng.random((1, 3, height, width), dtype=np.float32)
    error = float(np.abs(exported(probe) - eager(probe)).max())
    rows.append({"height": height, "width": width, "largest absolute error": error})
onnx_error = max(row["largest absolute error"] for row in rows)
ui.table(rows, "ONNX Runtime against PyTorch, pixel values from 0 to 1")

# %% [markdown]
# The errors are of the order of float32's rounding. They are not zero, because the two programs add
# up the same products in a different order, and floating-point addition depends on the order. A grey
# level of an 8-bit image is 1/255; compare.

# %%
print(f"largest error: {onnx_error:.1e}; one grey level: {1 / 255:.1e}")

# %% [markdown]
# ## One interface for all runtimes
#
# PyTorch, ONNX Runtime and OpenVINO (Intel's runtime) have different calls, types and layouts. The
# kit hides that behind one rule: a float32 array (N, 3, H, W) goes in, a float32 array
# (N, 3, 2H, 2W) comes out. So whatever you write once, a test, a benchmark, the tiling of a scene,
# works with each.

# %%
from internlab.superres.runtimes import OpenVinoRuntime

runtimes = {
    runtime.name: runtime
    for runtime in (
        TorchRuntime(network),
        TorchRuntime(network, channels_last=True),
        OnnxRuntime(fp32, optimise=False),
        OnnxRuntime(fp32),
        OpenVinoRuntime(fp32),
    )
}
for name, runtime in runtimes.items():
    error = np.abs(runtime(batch) - runtimes["torch eager"](batch)).max()
    print(f"{name:30} {runtime.precision}  on {runtime.provider:22} error {error:.0e}")

# %% [markdown]
# ### Trap 2: a provider that is not there
#
# ONNX Runtime gives its work to *execution providers*: `CPUExecutionProvider`,
# `CUDAExecutionProvider`, `TensorrtExecutionProvider` and others. Watch what happens if you ask for
# one that this installation does not have.

# %%
import warnings

import onnxruntime

PROVIDER = next(
    name
    for name in ("CUDAExecutionProvider", "DmlExecutionProvider")
    if name not in onnxruntime.get_available_providers()
)
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    session = onnxruntime.InferenceSession(str(fp32), providers=[PROVIDER])
    session.run(None, {"lr": batch})
print("asked for:", PROVIDER)
print("runs on:  ", session.get_providers())
print("warnings: ", len(caught))

# %% [markdown]
# The result is right, so every test of correctness passes. Only the speed is that of the CPU, and
# the sole sign is a warning among many. A benchmark of "the GPU" that was silently a benchmark of
# the CPU is an old classic. So the kit's class asks first, and refuses:

# %%
from internlab.superres.runtimes import ProviderFellBack, ProviderMissing

try:
    OnnxRuntime(fp32, provider=PROVIDER)
except ProviderMissing as error:
    print(f"ProviderMissing: {error}")

# %% [markdown]
# Many people therefore assert `session.get_providers()[0]`. That is good, and not enough: it says
# which providers were *loaded*. A provider may be loaded and leave every operator to the CPU. Some
# builds of ONNX Runtime contain one on which you can see it: the Azure provider forwards calls to a
# server and computes nothing itself.

# %%
AZURE = "AzureExecutionProvider"
if AZURE in onnxruntime.get_available_providers():
    quiet = onnxruntime.SessionOptions()
    quiet.log_severity_level = 4
    session = onnxruntime.InferenceSession(str(fp32), quiet, providers=[AZURE])
    print("get_providers() says:", session.get_providers())
    try:
        OnnxRuntime(fp32, provider=AZURE)
    except ProviderFellBack as error:
        print(f"ProviderFellBack: {error}")
else:
    print("This build of onnxruntime has no Azure provider; read on.")

# %% [markdown]
# The class sets the session option `session.disable_cpu_ep_fallback`. With it, ONNX Runtime refuses
# to start if it would leave any operator to the CPU.
#
# ## A benchmark that is wrong in the usual ways
#
# You could stop the time of one call of each, before and after. Here is such a benchmark (벤치마크);
# its baseline is the network as training code often has it, with separate branches.

# %%
from torch import nn

from internlab.superres.model import RepSR


class Branches(nn.Module):
    """A block that computes its four branches one by one."""

    def __init__(self, block):
        super().__init__()
        self.block = block

    def forward(self, x):
        return self.block.branches(x)


unfused = RepSR()  # only its cost counts here, so the weights may be random
unfused.blocks = nn.ModuleList(Branches(block) for block in unfused.blocks)

# %% tags=["timing"]
import time


def once(call):
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


before = once(lambda: TorchRuntime(unfused)(batch))
after = once(lambda: exported(batch))
print(f"{before / after:.1f} times faster")

# %% [markdown]
# A fine number for a slide, and worthless. At least four things are wrong:
#
# 1. **The baseline is not at its best.** Fusing the branches is one line of PyTorch. Counting it as a
#    gain of ONNX Runtime is a fake.
# 2. **One side was warm, the other cold.** The first call of anything allocates and prepares; one
#    side even built its runtime inside the measured call.
# 3. **One sample each.** Something else ran on this machine meanwhile. On which side?
# 4. **A time without its error.** Nothing shows that both computed the same.
#
# The kit's `benchmark` warms up, then times every candidate once per round in a new random order, and
# reports median and quartiles. Its clock counts *CPU-seconds* of this process, which other programs
# disturb less than the clock on the wall. The ratio is taken within each round.

# %%
from internlab.superres.benchmark import benchmark, ratios

ui.show_source(ratios)


# %%
def call_each(runtimes):
    return {name: (lambda run=runtime: run(batch)) for name, runtime in runtimes.items()}


baselines = {
    "torch, separate branches": TorchRuntime(unfused),
    "torch, fused": runtimes["torch eager"],
    "torch, fused, channels_last": runtimes["torch eager channels_last"],
    "onnxruntime": runtimes["onnxruntime fp32"],
}


# %% tags=["timing"]
def timing_rows(timings, baseline):
    factors = ratios(timings, baseline)
    return [
        {
            "candidate": each.name,
            "median ms": each.median_ms,
            "quartiles ms": f"{each.q25_ms:.1f} to {each.q75_ms:.1f}",
            f"times as fast as {baseline}": factors[each.name],
        }
        for each in timings
    ]


timings = benchmark(call_each(baselines), ROUNDS, warmup=3, rng=rng)
ui.table(timing_rows(timings, "onnxruntime"), f"CPU time for {SIZE} x {SIZE} pixels, one thread")

# %% [markdown]
# *What to see: the same ONNX Runtime looks like three different successes, depending on which line
# you call the baseline.* The honest one is the best that PyTorch can do. `channels_last` stores the
# channels of a pixel side by side, which is how fast convolutions read them; it changes no result.
#
# ## Be suspicious of your own success
#
# Before you believe the ratio, ask what else differs between the two sides. Memory does. Each layer's
# result needs some. PyTorch asks the C library for it and gives it back a moment later. If the library
# returns it to the operating system, the next layer gets fresh pages, and the system must clear each
# of them at its first touch: a *page fault* (페이지 폴트). ONNX Runtime keeps its memory for itself.
#
# On most Linux systems you can tell the library which of the two to do. Measure both.

# %%
from internlab.superres.allocator import keep_freed_memory, page_faults

suspects = {name: baselines[name] for name in ("torch, fused, channels_last", "onnxruntime")}
calls = call_each(suspects)
if not keep_freed_memory(False):
    print("This system has no such setting: both halves of the table show the same state.")

# %% tags=["timing"]
rows, measured = [], {}
for memory in ("returned", "kept"):
    keep_freed_memory(memory == "kept")
    measured[memory] = benchmark(calls, ROUNDS, warmup=3, rng=rng)
    for each in measured[memory]:
        faults = round(page_faults(calls[each.name]))
        rows.append(
            {
                "freed memory is": memory,
                "candidate": each.name,
                "median ms": each.median_ms,
                "page faults a call": faults,
            }
        )
ui.table(rows, "The same two programs, with two settings of the C library")

# %% tags=["timing"]
for memory, timings in measured.items():
    ratio = ratios(timings, "torch, fused, channels_last")["onnxruntime"]
    print(f"memory {memory}: ONNX Runtime is {ratio:.2f} times as fast as PyTorch")
onnxruntime_speedup = ratio  # with memory kept, the harder baseline

# %% [markdown]
# *What to see: where memory is kept, PyTorch has next to no page faults and is much faster; ONNX Runtime
# does not care.* A process starts close to the first state and drifts towards the second as it frees
# larger blocks. So the same benchmark gives different ratios on different days, for no visible reason.
# Part of the success was memory, not computation.
#
# The baseline at its very best is therefore: fused, channels_last, memory kept. That state stays set
# for the rest of the notebook, and its ratio is the one that the note gets, although the bar was set
# for PyTorch as a new process runs it (`make claims` measures both). Is the advantage of the other state
# then unreal? No: a service that runs PyTorch untuned pays for it. But it is no property of the
# network's computation, and one setting gets most of it back.
#
# ## INT8: fewer bits
#
# A float32 has 32 bits, more than a pixel's correction needs. Quantisation (양자화) stores a tensor
# as 8-bit integers $q$ with one *scale* $s$ and one *zero point* $z$:
#
# $$q = \mathrm{clamp}\!\left(\mathrm{round}\!\left(\tfrac{x}{s}\right) + z,\ 0,\ 255\right),
# \qquad \hat{x} = s\,(q - z)$$
#
# A convolution then multiplies small integers, of which a CPU handles several times as many at once.
# What is lost is at most half a step, $s/2$, as long as $x$ is inside the range that the 256 values
# cover. So everything hangs on choosing that range: wide enough to clip little, narrow enough for
# fine steps. ([Jacob et al. 2018](https://arxiv.org/abs/1712.05877), section 2.1)


# %%
def affine(low, high):
    """Scale and zero point that map [low, high] to 0..255, with zero exactly on a step."""
    low, high = min(low, 0.0), max(high, 0.0)
    scale = (high - low) / 255
    return scale, round(-low / scale)


def quantise(x, scale, zero_point):
    return np.clip(np.round(x / scale) + zero_point, 0, 255).astype(np.uint8)


def dequantise(q, scale, zero_point):
    return scale * (q.astype(np.float32) - zero_point)


x = np.array([-0.5, 0.0, 0.001, 0.7, 1.5, 2.0], np.float32)
scale, zero_point = affine(-0.5, 1.5)
back = dequantise(quantise(x, scale, zero_point), scale, zero_point)
ui.table(
    [
        {"x": float(a), "back": float(b), "error": float(abs(a - b))}
        for a, b in zip(x, back, strict=True)
    ],
    f"Range -0.5 to 1.5: scale {scale:.4f}, half a step {scale / 2:.4f}, zero point {zero_point}",
)

# %% [markdown]
# *What to see: inside the range the error stays below half a step; the last value lies outside and is
# clipped.* Zero comes back exactly, which matters because zero is what a ReLU and the padding make.
#
# ### The range of weights is known, that of activations is not
#
# The weights are in the file. The activations, the values between the layers, depend on the image. In
# *static* quantisation the network runs on some images beforehand, and the range that each
# activation takes is written into the file: calibration (보정).
#
# The calibration images come from the **training** images. Test images would tune the ranges to
# exactly the pictures that you then report the loss on. That is the same leak as training on them.

# %%
from internlab.superres.quantise import calibration_crops, quantise_int8

calibration = calibration_crops(images.train, CALIBRATION_CROPS, size=96, rng=rng)
print("calibration:", ", ".join(images.train))
print("test:       ", ", ".join(images.test))

int8_every = quantise_int8(fp32, FOLDER / "int8_every.onnx", calibration, keep_float=None)
int8 = quantise_int8(fp32, FOLDER / "int8.onnx", calibration, keep_float="first and last")
for path in (fp32, int8_every, int8):
    print(f"{path.name:16} {path.stat().st_size / 1024:5.0f} KiB  {operators(path)}")

# %% [markdown]
# The new operators come in pairs: `QuantizeLinear` and `DequantizeLinear` (Q/DQ) stand around each
# quantised convolution and say where 8 bits are enough. A runtime that can, replaces such a group by
# one integer convolution; one that cannot, still computes the right thing. The bicubic skip stays in
# float in both files. In the second, the first and the last convolution do too.
#
# ### What does it cost?

# %%
from internlab.superres.pareto import measure_quality

candidates = {
    "fp32": OnnxRuntime(fp32),
    "int8, every layer": OnnxRuntime(int8_every),
    "int8, first and last float": OnnxRuntime(int8),
}
rows = []
for name, image in images.test.items():
    quality = measure_quality(candidates, "fp32", {name: image})
    row = {"image": name, "fp32 PSNR (dB)": quality["fp32"].psnr}
    for each in list(candidates)[1:]:
        row[f"{each}: loss (dB)"] = round(quality["fp32"].psnr - quality[each].psnr, 3)
    rows.append(row)
ui.table(rows, "PSNR on luminance lost by quantisation, by test image")

# %%
quality = measure_quality(candidates, "fp32", images.test)
losses = {name: quality["fp32"].psnr - each.psnr for name, each in quality.items()}
for name, loss in losses.items():
    print(f"{name:28} mean loss {loss:.3f} dB, largest error {quality[name].max_abs_error:.3f}")

# %% [markdown]
# *What to see: the loss differs a lot between images, and the best-looking images lose most: where the
# network was nearly right, the rounding is a larger part of what is wrong.* The mean hides that. Two
# layers in float take away most of the loss. They are the layers that see the image and make it.
#
# The crops were drawn at random, and a single dark or bright one widens a range. Is the difference
# between the two files larger than that luck? Draw the crops again.

# %%
losses = {"every layer": [], "first and last float": []}
for draw in range(DRAWS):
    crops = calibration_crops(
        images.train, CALIBRATION_CROPS, size=96, rng=np.random.default_rng(draw)
    )
    files = {
        "every layer": quantise_int8(fp32, FOLDER / "draw1.onnx", crops, keep_float=None),
        "first and last float": quantise_int8(fp32, FOLDER / "draw2.onnx", crops),
    }
    quality = measure_quality(
        {"fp32": candidates["fp32"], **{name: OnnxRuntime(path) for name, path in files.items()}},
        "fp32",
        images.test,
    )
    for name in losses:
        losses[name].append(quality["fp32"].psnr - quality[name].psnr)
for name, values in losses.items():
    print(f"{name:22}", "  ".join(f"{value:.3f}" for value in values), "dB")
int8_loss_db = max(losses["first and last float"])

# %% [markdown]
# *What to see: how much the loss moves from draw to draw, and that the order of the two rows holds in
# each.* The note gets the worst draw of the second row, the file that we would ship.
#
# Where in the picture is the error?

# %%
import matplotlib.pyplot as plt

from internlab.superres.arrays import to_image, to_tensor
from internlab.superres.degrade import crop_to_multiple, downscale

name = rows[int(np.argmax([row["int8, every layer: loss (dB)"] for row in rows]))]["image"]
patch = crop_to_multiple(images.test[name], 2)[:120, :120]
low = to_tensor(downscale(patch, 2)).numpy()
made = {each: runtime(low) for each, runtime in candidates.items()}

figure, axes = plt.subplots(1, 3, figsize=(8, 2.8))
axes[0].imshow(to_image(made["fp32"]))
axes[0].set_title(f"{name}, fp32", loc="left")
for axis, each in zip(axes[1:], list(candidates)[1:], strict=True):
    difference = 255 * (made[each] - made["fp32"])[0].mean(axis=0)
    drawn = axis.imshow(difference, cmap="RdBu_r", vmin=-4, vmax=4)
    axis.set_title(each, loc="left")
for axis in axes:
    axis.set_axis_off()
figure.colorbar(drawn, ax=axes[2], label="difference from fp32 (grey levels)")
plt.show()

# %% [markdown]
# *What to see: the differences look like noise, red and blue in equal parts. They are weak where the
# picture is smooth and dark, and everywhere weaker where two layers stay in float.* Larger patches of
# one colour would be a warning: then the whole picture drifts, which the eye sees before PSNR does.
#
# ## The whole field
#
# Now all candidates, in one interleaved run, each with its error beside its time. `torch.compile`
# joins at the CPU tier. It translates the module to C++ and builds it at the first call, which takes
# longer than many runs of the network; that time is stated apart, not hidden in the warm-up. PyTorch
# keeps what it built in a folder, so the second time you run this cell it is shorter.

# %% tags=["timing"]
field = {
    **runtimes,
    "onnxruntime int8, every layer": OnnxRuntime(int8_every),
    "onnxruntime int8": OnnxRuntime(int8),
    "openvino int8, every layer": OpenVinoRuntime(int8_every),
    "openvino int8": OpenVinoRuntime(int8),
}
if COMPILE:
    compiled = TorchRuntime(network, channels_last=True, compile=True)
    try:
        seconds = once(lambda: compiled(batch))
        field["torch compile"] = compiled
        print(f"torch.compile: built in {seconds:.0f} s, before the first result")
    except RuntimeError as error:
        print(f"Left out: torch compile. {error}")
else:
    print(f"Left out at the {TIER} tier: torch compile, whose build takes longer than the lesson.")

# %% tags=["timing"]
from internlab.superres.pareto import pareto_table

quality = measure_quality(field, "torch eager", images.test)
table = pareto_table(
    benchmark(call_each(field), ROUNDS, warmup=3, rng=rng), quality, baseline="torch eager"
)
ui.table(
    [
        {
            "candidate": each.name,
            "median ms": each.median_ms,
            "quartiles ms": f"{each.q25_ms:.1f} to {each.q75_ms:.1f}",
            "ratio": each.ratio,
            "PSNR (dB)": round(each.psnr, 3),
            "loss (dB)": round(each.psnr_loss, 3) + 0.0,
            "largest error": each.max_abs_error,
            "dominated": each.dominated,
        }
        for each in table
    ],
    f"CPU time for {SIZE} x {SIZE} pixels, one thread; ratio to torch eager (fused, NCHW)",
)

# %% [markdown]
# A candidate is *dominated* if another is at least as fast and at least as good, and better in one of
# the two. What is left is the Pareto front (파레토 경계): the only points that anyone should choose.
# The dominated ones stay in the picture, because a reader wants to know what was tried.


# %% tags=["timing"]
def library_of(name):
    return name.split()[0]


figure, axis = plt.subplots(figsize=(6.4, 4.2))
for each in table:
    axis.errorbar(
        each.median_ms,
        each.psnr,
        xerr=[[each.median_ms - each.q25_ms], [each.q75_ms - each.median_ms]],
        fmt="o",
        markersize=8,
        color=ui.COLOURS[library_of(each.name)],
        markerfacecolor="white" if each.dominated else None,
    )
front = [each for each in table if not each.dominated]
axis.plot(
    [each.median_ms for each in front],
    [each.psnr for each in front],
    color=ui.COLOURS["grey"],
    zorder=0,
)
for each in front:
    axis.annotate(each.name, (each.median_ms, each.psnr), (6, -14), textcoords="offset points")
for library in ("torch", "onnxruntime", "openvino"):
    axis.plot([], [], "o", color=ui.COLOURS[library], label=library)
axis.set_xlim(left=0)
axis.margins(y=0.2)
axis.set_xlabel(f"CPU time for {SIZE} x {SIZE} pixels (ms; bars: quartiles)")
axis.set_ylabel("mean PSNR on the test images (dB)")
axis.set_title("Filled: on the front. Hollow: dominated", loc="left")
axis.legend(loc="lower right")
plt.show()

# %% [markdown]
# *What to see: up and to the left is better. The float32 candidates lie on one height, since they
# compute the same; among them only the fastest is on the front. The INT8 points buy speed with a
# little height.* Where the quartile bars of two points overlap, do not rank them.
#
# Which one to take? The passage on serving says it: not the best, but the best within the limits. With
# a limit on the loss, the choice is one line.

# %% tags=["timing"]
from internlab.superres.pareto import fastest_within

best = fastest_within(table, max_loss_db=0.1)
print(f"{best.name}: {best.ratio:.1f} times as fast as torch eager, loses {best.psnr_loss:.3f} dB")

# %% [markdown]
# ## How far is it from the end?
#
# No program does more operations a second than the processor can. So count the operations that the
# network needs, and compare with the most that this thread is seen to do in float32: in a large
# matrix product, or in a convolution so wide that nothing but multiplying matters. This is the idea of
# the roofline (루프라인).

# %% tags=["timing"]
convolutions = [module for module in network.modules() if isinstance(module, nn.Conv2d)]
gflop = 2 * SIZE**2 * sum(conv.weight.numel() for conv in convolutions) / 1e9

matrix = rng.random((1024, 1024), dtype=np.float32)
without_gradients = torch.inference_mode()
wide = nn.Conv2d(128, 128, 3, padding=1, bias=False).to(memory_format=torch.channels_last)
planes = torch.rand(1, 128, 64, 64).to(memory_format=torch.channels_last)
limits = {"matrix": lambda: matrix @ matrix, "wide": without_gradients(lambda: wide(planes))}
work = {"matrix": 2 * 1024**3 / 1e9, "wide": 2 * 64**2 * wide.weight.numel() / 1e9}
timed = benchmark(limits, ROUNDS, warmup=3, rng=rng)
roof = max(work[each.name] / (each.median_ms / 1e3) for each in timed)
print(f"{gflop:.2f} GFLOP a call (a multiplication and its addition count as 2)")

# %% tags=["timing"]
rates = [{"call": "the roof", "GFLOP/s": round(roof), "share of the roof": 1.0}]
for each in table:
    rate = gflop / (each.median_ms / 1e3)
    rates.append(
        {"call": each.name, "GFLOP/s": round(rate), "share of the roof": round(rate / roof, 2)}
    )
ui.table(rates, "Operations for each second of CPU time, against the highest rate seen in float32")

# %% [markdown]
# *How to read it: if the best float32 line is close to 1, no further float32 runtime will bring a
# factor of two, and you can stop searching.* INT8 lines may stand above 1, since their operations are
# not float32 operations; that is why fewer bits are the way on. If every line were far below 1, the
# time would be going elsewhere: into memory, or into the calls themselves.
#
# ## With a GPU
#
# The same file and the same interface go on to a GPU; only the provider's name changes. On a GPU the
# check of Trap 2 earns its keep.

# %%
if not tier.skip_without_gpu(
    "PyTorch and ONNX Runtime's CUDA provider on the GPU", "the table of CPU runtimes above"
):
    on_gpu = {"torch cuda": TorchRuntime(network, channels_last=True, device="cuda")}
    try:
        on_gpu["onnxruntime cuda"] = OnnxRuntime(fp32, provider="CUDAExecutionProvider")
    except (ProviderMissing, ProviderFellBack) as error:
        print(error)
    wall = benchmark(call_each(on_gpu), ROUNDS, warmup=10, rng=rng, clock="wall")
    for each in wall:
        print(f"{each.name}: {each.median_ms:.2f} ms on the wall, copies to and from it included")

# %% [markdown]
# ## Close the note

# %% tags=["timing"]
note.close(
    {
        "onnx_error": onnx_error,
        "onnxruntime_speedup": onnxruntime_speedup,
        "int8_loss_db": int8_loss_db,
        "best_speedup": best.ratio,
    },
    learned="Most of a speed-up can be the baseline's fault: separate branches, the memory layout, "
    "page faults. Against PyTorch at its very best, planning the graph gains much less than against "
    "PyTorch as found; fewer bits gain more.",
    ask="Which baseline stands behind the speed-ups that we report?",
)
note

# %% [markdown]
# If a line says **surprised**, that is a finding. On some processors PyTorch's own convolutions are
# so good that little is left for another float32 runtime; on others the gap is wide. Say which
# processor you measured on.
#
# ## At full scale
#
# - **Larger inputs** move the balance: intermediate results no longer fit into the cache, and blocks
#   above 32 MiB go back to the system whatever you set. Lesson 13 cuts the scene into tiles.
# - **More threads** help all candidates, not equally. Compare at the number that production has.
# - **Other processors** have other favourites. Without integer instructions for neural networks
#   (VNNI on x86) INT8 can be slower than float32.
# - **A GPU** wants half precision and large batches; `to_onnx(..., dtype=torch.float16)` writes a typed
#   half-precision file. That, and TensorRT, is lesson 12.
#
# Now your turn: the lab `labs/11_export_and_run.ipynb`.
