# ---
# title: TensorRT
# minutes: 60
# passages: [sia-tensorrt-sr, nrc-onnx-quantisation]
# smoke_seconds: 40
# ---
# %% [markdown]
# # 12 · TensorRT
#
# *60 minutes. You need: lesson 11 (ONNX, INT8, honest timing). No GPU.*
#
# After this lesson you can
#
# - say where TensorRT's speed comes from, and what it cannot speed up,
# - choose a precision under TensorRT 11, where every flag that older tutorials set is gone,
# - build engines (엔진) for GPUs that you do not have, and read in the build log what they will do,
# - tell a refused model's cause from its message, and mend it,
# - keep engines in a cache that never hands out an old one.

# %%
from internlab import passages

passages.card("sia-tensorrt-sr", "nrc-onnx-quantisation")

# %% [markdown]
# An hour became thirty. That is a factor of two, from the first pixel read to the last one written.
# This lesson takes the network apart from the rest, and comes back to the hour at its end.

# %% [markdown]
# ## Configuration
#
# TensorRT comes in two flavours. **TensorRT** builds on the GPU that it will run on. **TensorRT-RTX**
# builds for several GPU generations on a machine that has none, such as this one may be. One adapter
# in this kit serves both.

# %%
import tempfile
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import torch

from internlab import claims, notes, tier
from internlab import notebook_ui as ui
from internlab.superres import tensorrt

SEED = 0
TARGETS = ("SM75", "SM86", "SM89", "SM120")  # GPU generations, see below
CALIBRATION_CROPS = tier.pick(smoke=4, cpu=32)
HAVE_RTX = tensorrt.available("tensorrt_rtx")
folder = Path(tempfile.mkdtemp())
tier.one_thread()
ui.style()
print(f"tier {tier.current()}, seed {SEED}, targets {', '.join(TARGETS)}")
if not HAVE_RTX:
    print(
        "Skipped, TensorRT-RTX is not installed (it is for Linux x86-64): the first build, memory by "
        "profile, twelve engines and their layers, the refusals, the cache. Their outputs stand in "
        "the notebook as published."
    )

# %% [markdown]
# ## Where the speed comes from
#
# Run eagerly, a network is a row of kernels (커널), small programs that the GPU starts one after the
# other. Each reads its input from memory and writes its output back. Three things can be saved:
#
# 1. **Trips to memory.** A ReLU after a convolution reads and writes everything once more, to do
#    almost nothing. *Fusion* (연산 융합) makes the ReLU the last step of the convolution's own kernel.
# 2. **Time inside a kernel.** There are many ways to compute one convolution. Which is fastest
#    depends on its shape and on the GPU, so TensorRT chooses for a given GPU and range of shapes.
# 3. **Bytes and multiplications.** Half the bits are half the traffic, and special units multiply
#    them faster. That is *precision*.
#
# What comes out is an **engine**: a file with chosen kernels and weights, for certain GPUs and a
# certain range of shapes. It cannot make the disk, the decoding or your Python code faster.

# %% [markdown]
# ## What do you expect?
#
# Most people who have read that list would sign the following. FP16 halves the weights, so it halves
# the engine. INT8 halves it again. And a file with INT8 in it computes in INT8 on every GPU. Do you
# agree? Change the numbers if you do not; they are sealed before anything is built.

# %%
note = notes.open(
    question="What does a machine without a GPU build for four GPU generations, and how large?",
    hypothesis="All builds succeed. Halving the bits halves the engine, ReLUs cost no layer of "
    "their own, and INT8 files are computed in INT8 everywhere.",
    expect=[
        claims.expectation("superres", "engines-without-gpu", "engines_built"),
        notes.Expect("fp16_over_fp32_size", "<=", 0.6),
        notes.Expect("int8_over_fp16_size", "<=", 0.6),
        notes.Expect("share_of_layers_left_fp16", "<=", 0.7),
        notes.Expect("generations_computing_int8", "==", len(TARGETS)),
        claims.expectation("superres", "engine-failures-explained", "failures_explained"),
    ],
    seed=SEED,
    slug="12-tensorrt",
)
note

# %% [markdown]
# ## Precision lives in the file
#
# Until TensorRT 10, you gave the builder a float32 file and set `BuilderFlag.FP16` or
# `BuilderFlag.INT8`; the builder then chose a precision for each layer, and two builds could differ.
# TensorRT 11 removed these flags. Every network is *strongly typed*: **the types in the ONNX file are
# the precision**, and TensorRT adds no cast of its own. NVIDIA's
# [migration guide](https://docs.nvidia.com/deeplearning/tensorrt/11.4.0/api/migration/tensorrt-10x-to-11x.html)
# lists what is gone. Tutorials written before it fail at their first flag.

# %%
if HAVE_RTX:
    trt = tensorrt.load("tensorrt_rtx")
    for flag in ("FP16", "INT8", "TF32"):
        state = "there" if hasattr(trt.BuilderFlag, flag) else "gone"
        print(f"{trt.__name__} {trt.__version__}: BuilderFlag.{flag} is {state}")

# %% [markdown]
# `TF32` is still there because it changes no type: it lets the GPU round float32 inputs of a
# convolution to ten bits of mantissa. It is on by default, so a "float32" engine is less exact than
# the name says.
#
# So three precisions are three files. FP16 is exported with float16 weights. INT8 is the float32
# network with explicit pairs of quantise and dequantise nodes (**Q/DQ**), from lesson 11, in the
# symmetric form that TensorRT takes.

# %%
from internlab.data.aerial import aerial_images
from internlab.superres.export import operators, to_onnx
from internlab.superres.model import load_pretrained
from internlab.superres.quantise import calibration_crops, quantise_int8

network = load_pretrained()
images = aerial_images()
crops = calibration_crops(images.train, CALIBRATION_CROPS, 96, np.random.default_rng(SEED))
files = {
    "fp32": to_onnx(network, folder / "fp32.onnx"),
    "fp16": to_onnx(network, folder / "fp16.onnx", dtype=torch.float16),
}
files["int8"] = quantise_int8(files["fp32"], folder / "int8.onnx", crops, for_tensorrt=True)
for name, path in files.items():
    print(f"{name}: {path.stat().st_size / 1000:.0f} kB, {operators(path)}")

# %% [markdown]
# ## The first build fails
#
# Building takes three objects from TensorRT: a *builder*, a *network* that the ONNX parser fills, and
# a *config*. This is the heart of the kit's adapter.

# %%
from internlab.superres import tensorrt_build

ui.show_source(tensorrt_build._build)

# %% [markdown]
# Two lines deserve a second look. The builder reports failure by **returning None**, and the parser
# by returning `False`. Code that does not check them carries on and fails later, somewhere else. Here
# both become an exception that carries TensorRT's own words.

# %%
if HAVE_RTX:
    try:
        tensorrt.build_engine(files["fp32"], targets=("SM86",), flavour="tensorrt_rtx")
    except tensorrt.BuildFailed as refused:
        print(refused)

# %% [markdown]
# ## The profile: a range of shapes
#
# Height and width of our file are free. Kernels are chosen for a shape, and memory is reserved for
# one, so the builder has to know the range. An *optimisation profile* (최적화 프로파일) gives three
# shapes: the smallest and the largest that may come, and the **optimum**, the one to tune for.

# %%
PROFILE = tensorrt.Profile(minimum=(32, 32), optimum=(128, 128), maximum=(512, 512))
print(PROFILE.shapes())
try:
    tensorrt.Profile(minimum=(32, 32), optimum=(640, 640), maximum=(512, 512))
except ValueError as error:
    print(error)

# %% [markdown]
# Why not make the range enormous and forget about it? Because the maximum is paid for. The build log
# says how much memory the engine will want on the GPU.

# %%
sides, memory = (128, 256, 512, 1024), []
if HAVE_RTX:
    for side in sides:
        profile = tensorrt.Profile((32, 32), (128, 128), (side, side))
        engine = tensorrt.build_engine(files["fp16"], profile, ("SM86",), flavour="tensorrt_rtx")
        memory.append({"maximum": f"{side} x {side}", "MB": engine.log.activation_bytes / 1e6})
ui.table(memory, caption="Memory for activations, FP16 engine for SM86, by the profile's maximum.")

# %% [markdown]
# From one row to the next the area is four times as large, and in the long run so is the memory. A
# whole scene as the maximum would not fit; this is one of two reasons why lesson 13 cuts scenes into
# tiles. The other is that an engine tuned for one size is at its best at that size, and tiles have one.

# %% [markdown]
# ## Twelve engines for GPUs that are not here
#
# `SM86` is a *compute capability*, NVIDIA's number for a generation of GPUs. Look yours up at
# [developer.nvidia.com/cuda-gpus](https://developer.nvidia.com/cuda-gpus).

# %%
engines = {}
if HAVE_RTX:
    for precision, path in files.items():
        for target in TARGETS:
            engines[precision, target] = tensorrt.build_engine(
                path, PROFILE, (target,), flavour="tensorrt_rtx"
            )
ui.table(
    [
        {"GPU": target, "generation": tensorrt.GENERATIONS[target]}
        | {f"{p} kB": round(engines[p, target].size_bytes / 1000) for p in files if engines}
        for target in TARGETS
    ],
    caption="Size of the engine by precision and GPU generation.",
)

# %% tags=["timing"]
for precision in files if engines else ():
    seconds = [engines[precision, target].cpu_seconds for target in TARGETS]
    print(
        f"{precision}: {np.median(seconds):.2f} CPU-seconds for a build (median of {len(seconds)})"
    )

# %% [markdown]
# All of them build, and quickly, because TensorRT-RTX splits the work. What you see here is the
# ahead-of-time part, which
# [needs no GPU](https://docs.nvidia.com/deeplearning/tensorrt-rtx/latest/inference-library/cpu-engines.html);
# the kernels are finished at the first run on the real one. Full TensorRT does all of it at build time,
# and measures candidate kernels on the GPU, which takes longer.
#
# There is one gap to know. The data-centre GPU H100 or H200 (SM90) is not on the list: ask for it, and
# the adapter says so. There you install full TensorRT.

# %%
if HAVE_RTX:
    try:
        tensorrt.build_engine(files["fp16"], PROFILE, ("SM90",), flavour="tensorrt_rtx")
    except ValueError as error:
        print(error)

# %% [markdown]
# ## Surprise: INT8 is the largest
#
# Halved bits did not halve the engine, and INT8 made it larger. The log separates weights from the
# rest.

# %%
if engines:
    figure, axis = plt.subplots(figsize=(6.4, 2.6))
    for row, precision in enumerate(files):
        engine = engines[precision, "SM86"]
        weights = engine.log.weights_bytes / 1000
        rest = engine.size_bytes / 1000 - weights
        axis.barh(row, weights, color=ui.COLOURS["tensorrt"], label="weights" if not row else None)
        axis.barh(
            row, rest, left=weights, color=ui.COLOURS["grey"], label="the rest" if not row else None
        )
    axis.set_yticks(range(len(files)), list(files))
    axis.invert_yaxis()
    axis.set_xlabel("kB")
    axis.set_title("What an engine for SM86 consists of", loc="left")
    axis.legend()
    plt.show()

# %% [markdown]
# *What to see: the coloured part does what we expected, it shrinks with every step. But this network
# is small, and most of the file is the grey part, what is not weights: kernels and the plan of their
# order. INT8 has more of both, as the next section shows. Size on disk tells you nothing about speed;
# with a network of a gigabyte, weights would win.*

# %% [markdown]
# ## Reading an engine without running it
#
# At detailed verbosity, the build log ends with the layers of the finished engine. First FP16, the
# precision in which everything went well.

# %%
from internlab.superres.tensorrt_log import bytes_per_pixel, convolution_types


def layer_table(engine):
    return [
        {
            "layer": number,
            "kind": layer.kind,
            "made of": ", ".join(node.removeprefix("node_") for node in layer.origin)[:60],
            "reads": ", ".join(sorted(set(layer.inputs))),
            "writes": ", ".join(sorted(set(layer.outputs))),
        }
        for number, layer in enumerate(engine.layers)
    ]


fp16 = engines.get(("fp16", "SM86"))
ui.table(
    layer_table(fp16) if fp16 else [],
    caption=f"{fp16.log.network_layers} layers became {len(fp16.layers)}." if fp16 else None,
)

# %% [markdown]
# *What to see: every `correlation` (a convolution) has swallowed its ReLU, and the skip path's
# convolution even the addition. Nothing stands between two convolutions any more. What remains at both
# ends moves pixels: padding and layout before, the pixel shuffle after.*
#
# Now INT8, for the same GPU.

# %%
int8 = engines.get(("int8", "SM86"))
ui.table(
    layer_table(int8) if int8 else [],
    caption=f"{int8.log.network_layers} layers became {len(int8.layers)}." if int8 else None,
)

# %% [markdown]
# *What to see: the convolutions of the network's body do read INT8. But each writes float32, and a
# second kernel (`kgen`, a generated one) scales, rectifies and rounds it to INT8 for the next. The
# fusion that FP16 got is missing here. (The first and last convolution and the skip path were left in
# float on purpose, see lesson 11.)*

# %% [markdown]
# ## INT8 on every generation?

# %%
rows = []
for target in TARGETS if engines else ():
    row = {"GPU": target}
    for precision in ("fp16", "int8"):
        layers = engines[precision, target].layers
        counts = convolution_types(layers)
        row[f"{precision} file: convolutions in"] = ", ".join(
            f"{kind} x {count}" for kind, count in sorted(counts.items())
        )
        row[f"{precision}: bytes per pixel"] = bytes_per_pixel(layers)
    rows.append(row)
ui.table(rows, caption="In which type the convolutions multiply, and the activation traffic.")

# %%
if engines:
    figure, axis = plt.subplots(figsize=(6.4, 3.0))
    shades = {"fp32": "#cfcfcf", "fp16": ui.COLOURS["tensorrt"], "int8": ui.COLOURS["bad"]}
    for offset, precision in enumerate(files):
        traffic = [bytes_per_pixel(engines[precision, target].layers) for target in TARGETS]
        places = np.arange(len(TARGETS)) + 0.27 * (offset - 1)
        axis.bar(places, traffic, width=0.25, color=shades[precision], label=precision)
    axis.set_xticks(range(len(TARGETS)), TARGETS)
    axis.set_ylabel("bytes per input pixel")
    axis.set_title("Activations read and written, summed over layers", loc="left")
    axis.legend(ncols=3)
    plt.show()

# %% [markdown]
# *What to see: FP16 moves half of what FP32 does. INT8 moves more than either, because of the float32
# detours. On Turing (SM75) there is no INT8 convolution at all: weights are stored in INT8, turned
# back into floats, and multiplied as floats.*
#
# So **a build that succeeds does not prove that INT8 is computed, and INT8 does not prove speed**.
# What the log cannot say is the time: a small convolution may be limited by memory traffic, a large
# one by multiplications, where INT8 has the advantage. Only a GPU settles it. But you already know
# what to try first on this network, and what to be suspicious of. (This is TensorRT-RTX; NVIDIA's
# [support matrix](https://docs.nvidia.com/deeplearning/tensorrt-rtx/latest/getting-started/support-matrix.html)
# lists INT8 for weights only. Full TensorRT has other kernels: read its log as you read this one.)

# %% [markdown]
# ## Refusals, one by one
#
# Take the INT8 file that lesson 11 made for ONNX Runtime. It runs well on the CPU. TensorRT:

# %%
for_cpu = quantise_int8(files["fp32"], folder / "int8_cpu.onnx", crops[:2])
if HAVE_RTX:
    try:
        tensorrt.build_engine(for_cpu, PROFILE, ("SM86",), flavour="tensorrt_rtx")
    except tensorrt.BuildFailed as refused:
        print(f"stage: {refused.stage}\nsaid:  {refused.said}\n")
        print(f"{refused.known.meaning}\n{refused.known.remedy}")

# %% [markdown]
# A refusal is easiest to understand on the smallest model that provokes it. The kit has one for each
# usual cause; this is the one for mixed types, which a half-converted model has.

# %%
from internlab.superres import tensorrt_failures

ui.show_source(tensorrt_failures.mixed_types)

# %%
explained, rows = [], []
for cause, make in tensorrt_failures.FAILING_MODELS.items() if HAVE_RTX else ():
    try:
        tensorrt.build_engine(make(), PROFILE, ("SM86",), flavour="tensorrt_rtx")
    except tensorrt.BuildFailed as refused:
        explained.append(refused.known is not None and refused.known.name == cause)
        rows.append({"cause": cause, "what TensorRT said": refused.said[:150]})
ui.table(rows, caption="Five models, five refusals.")

# %% [markdown]
# The messages name a node, and that is the most useful word in them: look the node up in the graph.
# What each refusal means and what to do about it:

# %%
from internlab.superres.tensorrt_explain import KNOWN_FAILURES

ui.table(
    [
        {"cause": known.name, "meaning": known.meaning, "what to do": known.remedy}
        for known in KNOWN_FAILURES
        if known.name in tensorrt_failures.FAILING_MODELS or known.name == "missing profile"
    ],
    caption="The six refusals that lesson and lab are about.",
)

# %% [markdown]
# The missing profile was your first build. And the counterpart of the two quantised ones, with zero point
# 0 and the bias in float, is accepted:

# %%
if HAVE_RTX:
    try:
        tensorrt.build_engine(files["fp32"], targets=("SM86",), flavour="tensorrt_rtx")
    except tensorrt.BuildFailed as refused:
        explained.append(refused.known is not None and refused.known.name == "missing profile")
    accepted = tensorrt.build_engine(
        tensorrt_failures.symmetric(), PROFILE, ("SM86",), flavour="tensorrt_rtx"
    )
    print(f"{sum(explained)} of {len(explained)} refusals explained")
    print(f"symmetric Q/DQ: built, {convolution_types(accepted.layers)}")

# %% [markdown]
# ## A cache that cannot lie
#
# A build with full TensorRT can take minutes, so engines are kept. The danger is an engine that fits by
# name and not by content: in
# [onnxruntime #6455](https://github.com/microsoft/onnxruntime/issues/6455) two models with the same
# structure shared one cached engine, and so the second gave the results of the first. The name has to
# contain everything the engine depends on.

# %%
from internlab.superres.engine_cache import EngineCache, EngineKey, key_of

ui.show_source(EngineKey)

# %%
if HAVE_RTX:
    cache = EngineCache(folder / "engines")
    wider = tensorrt.Profile((32, 32), (128, 128), (640, 640))
    for what, profile in (("first", PROFILE), ("again", PROFILE), ("wider profile", wider)):
        _, source = cache.get_or_build(files["fp16"], profile, TARGETS, flavour="tensorrt_rtx")
        print(f"{what}: {source}")

    path = cache.path_of(key_of(files["fp16"], PROFILE, TARGETS, flavour="tensorrt_rtx"))
    content = bytearray(path.read_bytes())
    content[-100] ^= 1  # one bit of the file turns over
    path.write_bytes(content)
    _, source = cache.get_or_build(files["fp16"], PROFILE, TARGETS, flavour="tensorrt_rtx")
    print(f"after a damaged bit: {source}")

# %% [markdown]
# ## Run it, and ask for the error first
#
# A fast engine with a wrong output is worthless, so parity comes before time. On a GPU the next cell
# measures both, for PyTorch, ONNX Runtime and TensorRT, all interleaved, by CUDA events: time stamps
# that the GPU itself takes, so that Python's waiting is not counted. Without a GPU, ONNX Runtime runs
# the same three files on the CPU, and answers the question of the error.

# %%
from internlab.superres.arrays import to_array, to_image
from internlab.superres.degrade import crop_to_multiple, downscale
from internlab.superres.metrics import psnr
from internlab.superres.runtimes import open_runtime

name, original = next(iter(images.test.items()))
original = crop_to_multiple(original[:256, :256], 2)
batch = to_array(downscale(original, 2))
without_gpu = tier.skip_without_gpu(
    "parity and CUDA-event timing of TensorRT, ONNX Runtime and PyTorch",
    "parity of the same files in ONNX Runtime on the CPU",
)
rows, reference = [], None
if without_gpu:
    for precision, path in files.items():
        with open_runtime("onnxruntime", path) as runtime:
            made = runtime(batch)
        reference = made if reference is None else reference
        score = psnr(original, to_image(made), border=2)
        error = float(np.abs(made - reference).max())
        finite = bool(np.isfinite(made).all())
        rows.append({"file": precision, "PSNR dB": score, "max error": error, "finite": finite})

# %%
ui.table(rows, caption=f"{name}, on the CPU; the error is against fp32." if rows else None)

# %% tags=["timing"]
if not without_gpu:
    from internlab.superres import gpu_report

    print(gpu_report.describe_machine())
    rng = np.random.default_rng(SEED)
    work = gpu_report.workload(network, 256, folder, rng)
    print(gpu_report.as_markdown(gpu_report.measure(work, rounds=50, warmup=10, rng=rng)))

# %% [markdown]
# Ask three questions of a table of times and errors. Is every output *finite*? Half precision overflows at 65,504,
# and one overflow makes a black image. Is the error below what your task can see? One grey level of 255
# is 0.004. And is the *baseline* at its best, that is fused, in the same precision, in the better
# layout, compiled? A TensorRT that beats an un-fused float32 network shows little.
#
# The whole report, at several sizes, is a command: `python -m internlab.superres.gpu_report`.

# %% [markdown]
# ## From an hour to thirty minutes
#
# The intern's job went from an hour to about thirty minutes, end to end. What speed-up of the network
# does that take? It depends on the share of the hour that was the network. With a share $p$ made $s$
# times faster (**Amdahl's law**, 암달의 법칙),
#
# $$ t = 60 \left( (1 - p) + \frac{p}{s} \right) \text{ minutes.} $$

# %%
speedups = np.linspace(1, 10, 100)
figure, axis = plt.subplots()
for share, colour in ((0.5, "#d55e00"), (0.7, "#009e73"), (0.9, "#0072b2")):
    minutes = 60 * ((1 - share) + share / speedups)
    axis.plot(speedups, minutes, color=colour)
    axis.text(10.1, minutes[-1], f"{share:.0%}", color=colour, va="center")
axis.axhline(30, color=ui.COLOURS["reference"], linewidth=1)
axis.text(5.2, 30.6, "thirty minutes")
axis.set(xlabel="speed-up of the network", ylabel="minutes for the scene", ylim=(0, 62))
axis.set_title("One hour, by the share that was the network", loc="left")
plt.show()

# %%
needed = {p: p / (p - 0.5) if p > 0.5 else np.inf for p in (0.5, 0.6, 0.7, 0.8, 0.9, 1.0)}
ui.table(
    [
        {"share of the network": p, "needed speed-up": "none is enough" if np.isinf(s) else s}
        for p, s in needed.items()
    ],
    caption="To halve the whole, the network must become this many times faster.",
)

# %% [markdown]
# *What to see: if half of the hour was reading, tiling and writing, no engine reaches thirty minutes.
# Even a good engine then hides behind the disk.* So measure the share before you build anything. Lesson
# 13 does that, with a real pipeline.

# %% [markdown]
# ## Close the note

# %%
if engines:
    size = {key: engine.size_bytes for key, engine in engines.items()}
    computing = [t for t in TARGETS if "int8" in convolution_types(engines["int8", t].layers)]
    note.close(
        {
            "engines_built": len(engines),
            "fp16_over_fp32_size": size["fp16", "SM86"] / size["fp32", "SM86"],
            "int8_over_fp16_size": size["int8", "SM86"] / size["fp16", "SM86"],
            "share_of_layers_left_fp16": len(fp16.layers) / fp16.log.network_layers,
            "generations_computing_int8": len(computing),
            "failures_explained": sum(explained),
        },
        learned="The file's size and its type say little about speed. The layers in the build log "
        "say what is fused and what is really multiplied in INT8.",
        ask="Which share of the hour was the network, and on which GPU does the service run?",
    )
note

# %% [markdown]
# ## Traps that others fell into
#
# - **A black image in FP16.** An overflow, or a GPU without proper float16
#   ([Real-ESRGAN #632](https://github.com/xinntao/Real-ESRGAN/issues/632)). Check `isfinite` on real
#   images before you look at a time.
# - **"The same speed as PyTorch."** Likely, if PyTorch ran in half precision too and the layers are
#   large ([TensorRT #3096](https://github.com/NVIDIA/TensorRT/issues/3096)). Fusion saves trips to
#   memory; where multiplication is the limit, there is little to save.
# - **Slow after every change of shape.** The first run at a new shape pays for it
#   ([TensorRT #4289](https://github.com/NVIDIA/TensorRT/issues/4289)). Warm up at each shape, or use
#   tiles of one size.
# - **"Version tag does not match."** An engine loads only in the version that built it
#   ([TensorRT #2072](https://github.com/NVIDIA/TensorRT/issues/2072)). The version belongs in the
#   cache key.
# - **The cache that is not used.** Files are there and the start is still slow
#   ([onnxruntime #18272](https://github.com/microsoft/onnxruntime/issues/18272)). Measure the second
#   start, do not trust the folder.
# - **A wrong clock.** Launches return before the GPU is done; most reports of a slow TensorRT turn
#   out to be wrong timing, says a maintainer
#   ([TensorRT #2951](https://github.com/NVIDIA/TensorRT/issues/2951)).

# %% [markdown]
# ## At full scale
#
# - **On a data-centre GPU** install full TensorRT (`pip install -e ".[gpu]"`), and the same adapter
#   builds on the GPU, with a cache for engines and one for kernel timings. Nothing in this lesson's
#   calls changes but the targets, which you leave out.
# - **With real weights** of hundreds of megabytes, calibration and Q/DQ placement decide about INT8.
#   NVIDIA's ModelOpt places Q/DQ for TensorRT; compare its log with the one above.
# - **In a service**, build in the deployment step, not at the first request, and keep the log beside
#   the engine.
#
# **Now you:** [lab 12](../labs/12_tensorrt.ipynb) has you write a profile, rewrite an old snippet, name
# causes from messages, mend a quantised model and decide about an engine. Then
# [lesson 13](13_whole_scene.ipynb) runs the whole scene.
