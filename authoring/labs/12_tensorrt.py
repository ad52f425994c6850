# ---
# title: TensorRT (lab)
# minutes: 60
# passages: [sia-tensorrt-sr, nrc-onnx-quantisation]
# smoke_seconds: 20
# ---
# %% [markdown]
# # Lab 12 · TensorRT
#
# *60 minutes. You need: [lesson 12](../notebooks/12_tensorrt.ipynb). No GPU, and no TensorRT: the
# exercises work on plain data.*
#
# You describe shapes, rewrite an old snippet, make a grid symmetric and name causes from messages. You
# write the check that TensorRT leaves to you, and the key of a cache. At the end you say what an hour
# takes to become thirty minutes, and decide which engine may go into the service. Replace each `...`,
# run the cell, and read the line that `check()` prints. The exercises do not depend on each other.

# %%
import hashlib
import math

from internlab import notebook_ui as ui
from internlab import passages
from internlab.superres.exercises.tensorrt import check, hint

ui.style()
passages.card("sia-tensorrt-sr", "nrc-onnx-quantisation")

# %% [markdown]
# ## 1 · A profile for tiles
#
# A scene is cut into tiles of `tile` x `tile` pixels. Each is read together with `overlap` pixels on
# every side. At the edge of the scene a remainder can be as small as `smallest` x `smallest`. Nearly
# all tiles are full ones.
#
# Return minimum, optimum and maximum of the profile, each as (height, width). You may return a
# `Profile` or three pairs.


# %%
def tile_profile(smallest, tile, overlap):
    ### BEGIN SOLUTION
    side = tile + 2 * overlap
    return (smallest, smallest), (side, side), (side, side)
    ### END SOLUTION


check("profile", tile_profile)

# %%
# hint("profile", 1)


# %% tags=["wrong"]
# says: How many sides overlap?
def tile_profile(smallest, tile, overlap):
    side = tile + overlap
    return (smallest, smallest), (side, side), (side, side)


check("profile", tile_profile)


# %% tags=["wrong"]
# says: Which shape do nearly all calls have?
def tile_profile(smallest, tile, overlap):
    side = tile + 2 * overlap
    middle = (smallest + side) // 2
    return (smallest, smallest), (middle, middle), (side, side)


check("profile", tile_profile)


# %% tags=["wrong"]
# says: What does the engine see beside the tile itself?
def tile_profile(smallest, tile, overlap):
    return (smallest, smallest), (tile, tile), (tile, tile)


check("profile", tile_profile)


# %% tags=["wrong"]
# says: Which comes last?
def tile_profile(smallest, tile, overlap):
    side = tile + 2 * overlap
    return (side, side), (side, side), (side, side)


check("profile", tile_profile)


# %% tags=["alternative"]
from internlab.superres.tensorrt import Profile


def tile_profile(smallest, tile, overlap):
    full = [overlap + tile + overlap] * 2
    return Profile(minimum=[smallest] * 2, optimum=full, maximum=full)


check("profile", tile_profile)

# %% [markdown]
# ## 2 · An old snippet, made new
#
# A tutorial from 2022 says:
#
# ```python
# export(model.float(), "model.onnx")           # always float32
# config.set_flag(trt.BuilderFlag.FP16)          # for fp16
# config.set_flag(trt.BuilderFlag.INT8)          # for int8
# config.int8_calibrator = MyCalibrator(images)  # for int8
# ```
#
# None of the last three lines works with TensorRT 11. Write down what to do in its place. `plan` takes
# `"fp32"`, `"fp16"` or `"int8"` and returns a dictionary: `weights`, the type the network is exported in
# (`"float32"` or `"float16"`); `qdq`, whether quantise/dequantise nodes are added to the file; `flags`,
# a list of precision flags to set; and `calibrator`, whether TensorRT is given one.


# %%
def plan(precision):
    ### BEGIN SOLUTION
    weights = "float16" if precision == "fp16" else "float32"
    return {"weights": weights, "qdq": precision == "int8", "flags": [], "calibrator": False}
    ### END SOLUTION


check("plan", plan)

# %%
# hint("plan", 1)


# %% tags=["wrong"]
# says: the flag FP16 is gone
def plan(precision):
    flags = {"fp32": [], "fp16": ["FP16"], "int8": ["INT8"]}[precision]
    return {"weights": "float32", "qdq": False, "flags": flags, "calibrator": precision == "int8"}


check("plan", plan)


# %% tags=["wrong"]
# says: the calibrator is gone
def plan(precision):
    weights = "float16" if precision == "fp16" else "float32"
    return {"weights": weights, "qdq": False, "flags": [], "calibrator": precision == "int8"}


check("plan", plan)


# %% tags=["wrong"]
# says: weights float32, expected float16
def plan(precision):
    return {"weights": "float32", "qdq": precision == "int8", "flags": [], "calibrator": False}


check("plan", plan)


# %% tags=["wrong"]
# says: Which precision needs quantise/dequantise nodes?
def plan(precision):
    weights = "float32" if precision == "fp32" else "float16"
    return {"weights": weights, "qdq": precision != "fp32", "flags": [], "calibrator": False}


check("plan", plan)


# %% tags=["alternative"]
import numpy as np

PLANS = {
    "fp32": dict(weights=np.dtype("float32"), qdq=False, flags=set(), calibrator=None),
    "fp16": dict(weights=np.dtype("float16"), qdq=False, flags=set(), calibrator=None),
    "int8": dict(weights=np.dtype("float32"), qdq=True, flags=set(), calibrator=None),
}


def plan(precision):
    return PLANS[precision]


check("plan", plan)

# %% [markdown]
# ## 3 · A symmetric grid
#
# INT8 stores a number $x$ as a code $q = \mathrm{round}(x / s) + z$. Calibration has found that an
# activation lies between `low` and `high`, with `low <= 0 < high`. Return the scale $s$ and the zero
# point $z$ such that TensorRT takes it, no value in the range is clipped, and the steps are as fine as
# that allows. Use the codes from -127 to 127.


# %%
def symmetric(low, high):
    ### BEGIN SOLUTION
    return max(abs(low), abs(high)) / 127, 0
    ### END SOLUTION


check("symmetric", symmetric)

# %%
# hint("symmetric", 1)


# %% tags=["wrong"]
# says: Which one does TensorRT take?
def symmetric(low, high):
    scale = (high - low) / 255
    return scale, round(-low / scale)


check("symmetric", symmetric)


# %% tags=["wrong"]
# says: which fits only a zero point that moves
def symmetric(low, high):
    return (high - low) / 255, 0


check("symmetric", symmetric)


# %% tags=["wrong"]
# says: Which is the largest number that int8 holds?
def symmetric(low, high):
    return max(-low, high) / 128, 0


check("symmetric", symmetric)


# %% tags=["wrong"]
# says: Which end is further from zero?
def symmetric(low, high):
    return high / 127, 0


check("symmetric", symmetric)


# %% tags=["alternative"]
def symmetric(low, high):
    return np.abs([low, high]).max() / np.float64(127), np.int8(0)


check("symmetric", symmetric)

# %% [markdown]
# Think about it: after a ReLU, `low` is 0. How many of the 255 codes are then ever used? That is the
# price of symmetry, and the reason why CPUs prefer the asymmetric kind.
#
# ## 4 · Name the cause
#
# Five builds failed. These are the messages, as TensorRT-RTX gave them; the name of a node stands where
# yours would.

# %%
from internlab.superres.exercises.tensorrt_checks import MESSAGES

for name, message in MESSAGES.items():
    print(f"{name}\n    {message.format(node='conv2d_3')}\n")

# %% [markdown]
# Write a function that gets such a message, from another model, and returns the cause: `"missing
# profile"`, `"unsupported operator"`, `"mixed types"`, `"zero point"` or `"int32 bias"`. Beware of the
# names of nodes: whoever exported the model chose them.


# %%
def cause(message):
    ### BEGIN SOLUTION
    phrases = {
        "no optimization profile": "missing profile",
        "Plugin not found": "unsupported operator",
        "same input types": "mixed types",
        "Non-zero zero point": "zero point",
        "type Int32": "int32 bias",
    }
    return next(name for phrase, name in phrases.items() if phrase in message)
    ### END SOLUTION


check("cause", cause)

# %%
# hint("cause", 1)


# %% tags=["wrong"]
# says: which from whoever named the node?
def cause(message):
    words = {
        "profile": "missing profile",
        "Plugin": "unsupported operator",
        "bias": "int32 bias",
        "zero": "zero point",
    }
    return next((name for word, name in words.items() if word in message), "mixed types")


check("cause", cause)


# %% tags=["wrong"]
# says: Is it one of
def cause(message):
    return "asymmetric" if "zero point" in message else "unknown"


check("cause", cause)


# %% tags=["alternative"]
import re


def cause(message):
    if re.search(r"no optimization profile has been defined", message):
        return "missing profile"
    if re.search(r"has type Int32 but", message):
        return "int32 bias"
    if "Float and Half" in message:
        return "mixed types"
    return "zero point" if "shiftIsAllZeros" in message else "unsupported operator"


check("cause", cause)

# %% [markdown]
# ## 5 · The check that nobody makes for you
#
# `builder.build_serialized_network(network, config)` returns an engine, or None when it fails. Write a
# function that returns the engine, or raises a `RuntimeError` that says what TensorRT said. `errors` is
# the list of messages that the logger has collected.


# %%
def build_or_raise(builder, network, config, errors):
    ### BEGIN SOLUTION
    engine = builder.build_serialized_network(network, config)
    if engine is None:
        raise RuntimeError("TensorRT built nothing. It said: " + "; ".join(errors))
    return engine
    ### END SOLUTION


check("build_or_raise", build_or_raise)

# %%
# hint("build_or_raise", 1)


# %% tags=["wrong"]
# says: Who finds out, and when?
def build_or_raise(builder, network, config, errors):
    return builder.build_serialized_network(network, config)


check("build_or_raise", build_or_raise)


# %% tags=["wrong"]
# says: from using None as if it were an engine?
def build_or_raise(builder, network, config, errors):
    return bytes(builder.build_serialized_network(network, config))


check("build_or_raise", build_or_raise)


# %% tags=["wrong"]
# says: What would help the person who reads it?
def build_or_raise(builder, network, config, errors):
    engine = builder.build_serialized_network(network, config)
    if engine is None:
        raise RuntimeError("build failed")
    return engine


check("build_or_raise", build_or_raise)


# %% tags=["alternative"]
def build_or_raise(builder, network, config, errors):
    if (engine := builder.build_serialized_network(network, config)) is not None:
        return engine
    raise RuntimeError(f"no engine: {errors}")


check("build_or_raise", build_or_raise)

# %% [markdown]
# ## 6 · The key of a cache
#
# `facts` is a dictionary: `model` (the bytes of the ONNX file), `file name`, `profile`, `gpu`,
# `tensorrt` (the version), `date` and `user`, all strings but the first. Return a string that is the
# same whenever the engine may be used again, and another one whenever it may not.


# %%
def cache_key(facts):
    ### BEGIN SOLUTION
    digest = hashlib.sha256(facts["model"])
    for name in ("profile", "gpu", "tensorrt"):
        digest.update(f"{name}={facts[name]};".encode())
    return digest.hexdigest()
    ### END SOLUTION


check("cache_key", cache_key)

# %%
# hint("cache_key", 1)


# %% tags=["wrong"]
# says: another model, and the key is the same
def cache_key(facts):
    return f"{facts['file name']}-{facts['profile']}-{facts['gpu']}-{facts['tensorrt']}"


check("cache_key", cache_key)


# %% tags=["wrong"]
# says: another tensorrt, and the key is the same
def cache_key(facts):
    return hashlib.sha256(facts["model"]).hexdigest() + facts["profile"] + facts["gpu"]


check("cache_key", cache_key)


# %% tags=["wrong"]
# says: another date, and the key changes
def cache_key(facts):
    everything = sorted((name, str(value)) for name, value in facts.items())
    return hashlib.sha256(str(everything).encode()).hexdigest()


check("cache_key", cache_key)


# %% tags=["wrong"]
# says: expected a string for a file name
def cache_key(facts):
    return hash((facts["model"], facts["profile"], facts["gpu"], facts["tensorrt"]))


check("cache_key", cache_key)


# %% tags=["alternative"]
def cache_key(facts):
    model = hashlib.md5(facts["model"]).hexdigest()
    return "-".join([model, facts["profile"], facts["gpu"], facts["tensorrt"]]).replace("/", "x")


check("cache_key", cache_key)

# %% [markdown]
# ## 7 · What does the hour take?
#
# A pass takes `before` minutes, and the network's share of them is `share`, between 0 and 1. The pass
# shall take `after` minutes, and only the network can be made faster. How many times? Return
# `math.inf` if no speed-up is enough.


# %%
def needed_speedup(share, before, after):
    ### BEGIN SOLUTION
    rest = (1 - share) * before
    left_for_network = after - rest
    return share * before / left_for_network if left_for_network > 0 else math.inf
    ### END SOLUTION


check("needed_speedup", needed_speedup)

# %%
# hint("needed_speedup", 1)


# %% tags=["wrong"]
# says: is the speed-up of the whole
def needed_speedup(share, before, after):
    return before / after


check("needed_speedup", needed_speedup)


# %% tags=["wrong"]
# says: expected math.inf
def needed_speedup(share, before, after):
    rest = before - share * before
    return share * before / (after - rest) if after != rest else 1e9


check("needed_speedup", needed_speedup)


# %% tags=["wrong"]
# says: How long does the rest take?
def needed_speedup(share, before, after):
    return share * before / after


check("needed_speedup", needed_speedup)


# %% tags=["alternative"]
def needed_speedup(share, before, after):
    inverse = 1 - (1 - after / before) / share
    return 1 / inverse if inverse > 1e-12 else float("inf")


check("needed_speedup", needed_speedup)

# %% [markdown]
# ## 8 · Sign it off, or not
#
# The GPU report gives you rows like those below. Which engines may replace PyTorch in the service?
# Return the names of the rows that obey **all** of these rules:
#
# 1. its output is finite,
# 2. it loses at most `max_loss_db` of PSNR,
# 3. it ran where it was meant to run (`provider` is not `"cpu"`),
# 4. it is faster than the **fastest** PyTorch row (names that start with `torch`),
# 5. and not by chance: its upper quartile lies below the lower quartile of that row.
#
# PyTorch's own rows are not in the answer. The list may be empty.

# %%
example = [
    {"name": "torch fp32", "median_ms": 4.0, "q25_ms": 3.9, "q75_ms": 4.1, "loss_db": 0.0}
    | {"finite": True, "provider": "gpu"},
    {"name": "torch fp16 compiled", "median_ms": 1.0, "q25_ms": 0.9, "q75_ms": 1.1, "loss_db": 0.01}
    | {"finite": True, "provider": "gpu"},
    {"name": "tensorrt fp16", "median_ms": 1.6, "q25_ms": 1.5, "q75_ms": 1.7, "loss_db": 0.01}
    | {"finite": True, "provider": "gpu"},
    {"name": "tensorrt int8", "median_ms": 0.7, "q25_ms": 0.65, "q75_ms": 0.75, "loss_db": math.nan}
    | {"finite": False, "provider": "gpu"},
]
ui.table(example, caption="Invented numbers. Neither engine should pass: why not?")


# %%
def accept(rows, max_loss_db):
    ### BEGIN SOLUTION
    baselines = [row for row in rows if row["name"].startswith("torch")]
    best = min(baselines, key=lambda row: row["median_ms"])
    accepted = []
    for row in rows:
        # NaN is never at most anything, so the loss is asked for in this direction.
        right = row["finite"] and row["loss_db"] <= max_loss_db and row["provider"] != "cpu"
        faster = row["median_ms"] < best["median_ms"] and row["q75_ms"] < best["q25_ms"]
        if right and faster:
            accepted.append(row["name"])
    return accepted
    ### END SOLUTION


check("accept", accept)

# %%
# hint("accept", 1)


# %% tags=["wrong"]
# says: not than the best PyTorch
def accept(rows, max_loss_db):
    base = rows[0]
    return [
        row["name"]
        for row in rows[1:]
        if row["finite"]
        and row["loss_db"] <= max_loss_db
        and row["provider"] != "cpu"
        and row["q75_ms"] < base["q25_ms"]
        and not row["name"].startswith("torch")
    ]


check("accept", accept)


# %% tags=["wrong"]
# says: an output that is not finite
def accept(rows, max_loss_db):
    best = min((r for r in rows if "torch" in r["name"]), key=lambda r: r["median_ms"])
    kept = [r for r in rows if r["q75_ms"] < best["q25_ms"] and r["provider"] != "cpu"]
    return [r["name"] for r in kept if not r["loss_db"] > max_loss_db]


check("accept", accept)


# %% tags=["wrong"]
# says: fell back to the CPU
def accept(rows, max_loss_db):
    best = min((r for r in rows if "torch" in r["name"]), key=lambda r: r["median_ms"])
    kept = [r for r in rows if r["q75_ms"] < best["q25_ms"]]
    return [r["name"] for r in kept if r["finite"] and r["loss_db"] <= max_loss_db]


check("accept", accept)


# %% tags=["wrong"]
# says: quartiles that overlap
def accept(rows, max_loss_db):
    best = min((r for r in rows if "torch" in r["name"]), key=lambda r: r["median_ms"])
    kept = [r for r in rows if r["median_ms"] < best["median_ms"] and r["provider"] != "cpu"]
    return [r["name"] for r in kept if r["finite"] and r["loss_db"] <= max_loss_db]


check("accept", accept)


# %% tags=["alternative"]
def accept(rows, max_loss_db):
    bar = min(
        (row["median_ms"], row["q25_ms"]) for row in rows if row["name"].split()[0] == "torch"
    )[1]

    def passes(row):
        return all(
            (
                row["finite"],
                row["loss_db"] <= max_loss_db,
                row["provider"] == "gpu",
                row["q75_ms"] < bar,
            )
        )

    return tuple(row["name"] for row in rows if passes(row) and "torch" not in row["name"])


check("accept", accept)

# %% [markdown]
# ## Defend it
#
# On paper, in four sentences for the person who signs: which of the example's rows did you reject, by
# which rule, what would have gone wrong in the service, and what would you measure next? If you have a
# GPU, run `python -m internlab.superres.gpu_report` and decide about real rows.
#
# The worked solution is [here](../solutions/12_tensorrt.ipynb). Next:
# [lesson 13](../notebooks/13_whole_scene.ipynb).
