# ---
# title: Hand it over
# minutes: 60
# passages: [nrc-document-for-handoff, nrc-clear-requirements, nrc-research-first-in-lifecycle, kb-serving-limits]
# smoke_seconds: 15
# ---
# %% [markdown]
# # 06 · Hand it over
#
# *60 minutes. You need: lesson 00. The network comes with the kit; where it is from, lesson 31 shows.*
#
# After this lesson you can
#
# - turn a vague request into acceptance tests, and show that two people meant two things by it,
# - say what a misunderstanding costs when it is found late, and how sure that is,
# - weigh accuracy against the cost of a service, with error bars on both,
# - write a model card and a data card from the records of a run,
# - find out what your card lacks by a receiver who has nothing else.

# %%
from internlab import passages

passages.card(
    "nrc-document-for-handoff",
    "nrc-clear-requirements",
    "nrc-research-first-in-lifecycle",
    "kb-serving-limits",
)

# %% [markdown]
# An intern at a company learned this: hardly anybody follows the research, and those who make a product of
# it begin with your document. They do not know what you know. In this lesson a program plays them. It gets
# a folder with a model and a card, and nothing else. If it can run the model from that, anybody can.
#
# ## Configuration

# %%
import matplotlib.pyplot as plt
import numpy as np
import torch

from internlab import notebook_ui as ui
from internlab import notes, tier
from internlab.files import cache_dir

TIER = tier.current()
SEED = 0
SCENES = tier.pick(
    smoke={"test": 8, "validation": 4, "night": 3, "fog": 3},
    cpu={"test": 60, "validation": 30, "night": 20, "fog": 20},
)
DRAWS = tier.pick(smoke=200, cpu=2000)  # bootstrap samples
ROUNDS = tier.pick(smoke=3, cpu=31)  # of timing
WORK = cache_dir() / "lesson-06"
KEEP = notes.notes_folder() / "06-hand-it-over"  # what you take with you
for folder in (WORK, KEEP):
    folder.mkdir(parents=True, exist_ok=True)
tier.one_thread()
ui.style()
rng = np.random.default_rng(SEED)
print(f"tier {TIER}, seed {SEED}, {SCENES['test']} test scenes")

# %% [markdown]
# ## What do you expect?
#
# A colleague writes: *"We need the AI that sees people in street pictures. It should be reliable and
# quick."* You have a network that labels every pixel of a street scene. Write down how this will go.

# %%
note = notes.open(
    question="What does it take until somebody else can use this network?",
    hypothesis="The request is clear enough, so a decent network meets it however it is read. A short "
    "description is nearly enough to run the network. An ensemble is worth its cost. Small integers "
    "cost accuracy.",
    expect=[
        notes.Expect("settings_that_meet_both_readings", ">=", 1),
        notes.Expect("facts_missing_in_a_short_description", "<=", 5),
        notes.Expect("receiver_minus_sender", "<=", 1e-4),
        notes.Expect("gain_of_the_best_ensemble", ">=", 0.02, "mIoU"),
        notes.Expect("loss_by_int8", ">=", 0.005, "mIoU"),
    ],
    seed=SEED,
    slug="06-hand-it-over",
)
note

# %% [markdown]
# ## The network and its scenes
#
# `street_net.pt` is another track's network (lesson 31), used here as you would use a colleague's. Its
# scenes are drawn by a program, the first time you run this, which takes about a minute. Each pixel has one
# of eight classes.

# %%
from internlab.data import streets
from internlab.data.streets import street_set
from internlab.ood.dense.network import MEAN, SPREAD, load_pretrained, prepare

scenes = {name: street_set(name, count) for name, count in SCENES.items()}
network = load_pretrained().to(memory_format=torch.contiguous_format)
test = scenes["test"]


def logits_of(network, images):
    with torch.inference_mode():
        return np.stack([network(prepare(image.copy()))[0].numpy() for image in images])


plain = {name: logits_of(network, each.images) for name, each in scenes.items()}
first = plain["test"][0].argmax(axis=0)
ui.images(
    [test.images[0], streets.PALETTE[first], scenes["night"].images[0]],
    ["a test scene", "what the network says", "the same scene at night"],
    columns=3,
)

# %% [markdown]
# *What to see: road in purple, houses in grey, people in red, cars in blue.* The rest of the lesson never
# looks inside the network. It asks what somebody else has to know.
#
# ## A request is not a requirement
#
# A **requirement** (요구사항) is a sentence that a test can decide. Look for the words that cannot be tested.

# %%
from internlab.practice.handover.requirements import Requirement, problems

REQUEST = "The AI should see people in street pictures, reliably and quickly."
for problem in problems(REQUEST):
    print(problem)

# %% [markdown]
# Mavin and others (2009) rewrote what an airworthiness regulation demands of an engine's control in five
# sentence patterns, and what was vague or missing became visible. They call them EARS, the easy approach to
# requirements syntax. The keyword at the front says *when* the sentence applies.
#
# | pattern | form | applies |
# |---|---|---|
# | ubiquitous | The ⟨system⟩ shall ⟨response⟩ | always |
# | event-driven | When ⟨trigger⟩, the ⟨system⟩ shall ... | each time something happens |
# | state-driven | While ⟨state⟩, the ⟨system⟩ shall ... | as long as something is so |
# | unwanted behaviour | If ⟨trigger⟩, then the ⟨system⟩ shall ... | when something goes wrong |
# | optional feature | Where ⟨feature⟩, the ⟨system⟩ shall ... | only in products that have it |
#
# Now ask four people what they meant. Planning thinks of a warning: nobody may be overlooked. Sales thinks
# of a demonstration: nothing may light up where nobody is, at night neither. The front end, which draws
# what users see, needs a class for each pixel. The back end, which runs on the servers, needs a file that
# fits, and something better than a crash when a picture is broken. All of them signed the same sentence.
# (Mean IoU is a score; it comes below.)

# %%
from internlab.bars import Bar

TWO_READINGS = [
    Requirement(
        "people_found",
        "mark at least half of their pixels, for at least 85 % of these people",
        "people_found",
        Bar(">=", 0.85),
        when="people of 12 or more pixels are in the picture",
        asked_by="planning",
    ),
    Requirement(
        "right_marks",
        "be right at 60 % or more of the pixels that it marks as person",
        "right_marks",
        Bar(">=", 0.60),
        asked_by="sales",
    ),
]
for each in TWO_READINGS:
    print(f"{each.asked_by}: {each.sentence}\n")

# %%
REQUIREMENTS = [
    *TWO_READINGS,
    Requirement(
        "every_pixel",
        "give a class to each pixel of pictures with 32 to 256 pixels a side",
        "sizes_kept",
        Bar("==", 1),
        asked_by="front end",
    ),
    Requirement(
        "file_size", "fit into a file of 2 MB", "file_mb", Bar("<=", 2, "MB"), asked_by="back end"
    ),
    Requirement(
        "night",
        "reach a mean IoU of at least 0.70",
        "night_miou",
        Bar(">=", 0.70),
        while_="it is night",
        asked_by="sales",
    ),
    Requirement(
        "bad_pictures",
        "answer with an error that names the reason, for each of 4 such requests",
        "bad_requests_named",
        Bar("==", 1),
        system="the service",
        if_="a request holds no picture of an allowed size",
        asked_by="back end",
    ),
]

# %%
ui.table(
    [
        {"asked by": each.asked_by, "pattern": each.pattern, "requirement": each.sentence}
        for each in REQUIREMENTS
    ],
    caption="One request, as four people's sentences. "
    f"Problems found in them: {sum(len(problems(each.sentence)) for each in REQUIREMENTS)}.",
)

# %% [markdown]
# An **acceptance test** (인수 테스트) is such a sentence as a program. The kit writes a test file. It knows no
# model: it reads measured numbers. So it can be agreed on before there is anything to measure.

# %%
from internlab.practice.handover import acceptance

tests = acceptance.write_tests(REQUIREMENTS, KEEP / "test_acceptance.py")
print(tests.read_text(encoding="utf-8")[:760], "...")

# %% [markdown]
# ## Two models, and each is right
#
# The network gives each class a score, called its **logit** (로짓), and the largest wins. Adding a bonus to
# the logit of *person* makes it mark more people and more ghosts. Two settings, then: **plain**, and one
# with the smallest bonus that finds 90 % of the people on validation scenes. Planning asks for 85 %. The
# margin is there because a setting that just reaches a bar on some scenes misses it on the next ones about
# every second time. (The first draft of this lesson had no margin, and failed its own test by a hair.)
#
# Both readings judge the marks, each in its own way. By person: was half of them marked? By pixel: of what
# was marked, how much is a person? The mean **IoU** (intersection over union: pixels that truth and answer
# share, over those that at least one of the two has; 평균 IoU), the usual score, is a third.

# %%
from internlab.practice.handover import scores

PERSON = streets.PERSON
ui.show_source(scores.found)


# %%
def with_bonus(logits, bonus):
    shifted = logits.copy()
    shifted[:, PERSON] += bonus
    return shifted.argmax(axis=1)


def readings(labels, answers):
    pairs = list(zip(labels, answers, strict=True))
    found = [person for truth, answer in pairs for person in scores.found(truth, answer, PERSON)]
    marked = (answers == PERSON) & (labels < len(streets.CLASSES))
    matrix = sum(scores.confusion(truth, answer, 8) for truth, answer in pairs)
    return {
        "people": len(found),
        "people_found": np.mean(found),
        "right_marks": (labels[marked] == PERSON).mean(),
        "miou": scores.miou(matrix),
    }


BONUSES = np.arange(0, 5.01, 0.25)
on_validation = [
    readings(scenes["validation"].labels, with_bonus(plain["validation"], b)) for b in BONUSES
]
reaching = [each["people_found"] >= 0.90 for each in on_validation]
BONUS = float(BONUSES[reaching.index(True)])
print(f"bonus chosen on {SCENES['validation']} validation scenes: {BONUS}")

# %% [markdown]
# Now both meet the tests, on test scenes. Of the sizes, some odd ones are tried. What has not been measured
# yet is left out: a test without a measurement fails, and should.

# %%
from internlab.practice.handover.acceptance import run_tests


def sizes_kept(network):
    sides = [(32, 32), (33, 47), (100, 61), (128, 256), (256, 256), (32, 255)]
    kept = [
        logits_of(network, [np.zeros((h, w, 3), np.uint8)])[0].shape == (8, h, w) for h, w in sides
    ]
    return np.mean(kept)


FILE_MB = sum(p.numel() for p in network.parameters()) * 4 / 1e6  # float32; measured again below
measured = {}
for name, bonus in (("plain", 0.0), ("bonus", BONUS)):
    measured[name] = readings(test.labels, with_bonus(plain["test"], bonus)) | {
        "sizes_kept": sizes_kept(network),
        "file_mb": FILE_MB,
        "night_miou": readings(scenes["night"].labels, with_bonus(plain["night"], bonus))["miou"],
    }
passed = {name: run_tests(tests, each) for name, each in measured.items()}

# %%
ui.table(
    [
        {
            "test": each.name,
            "asked by": each.asked_by,
            "bar": str(each.bar),
        }
        | {
            name: f"{measured[name][each.measured]:.2f} "
            f"{'passes' if passed[name][each.name] else 'fails'}"
            if each.measured in measured[name]
            else "not measured: fails"
            for name in measured
        }
        for each in REQUIREMENTS
    ],
    caption=f"Two settings of one network before six tests, {len(test)} test scenes "
    f"({SCENES['night']} at night).",
)

# %% [markdown]
# *What to see: the first two rows. Each setting passes one reading of "sees people reliably" and fails the
# other.* Whoever delivers one of the two has done what was asked, and half of those who asked are unhappy.
# Perhaps a setting in between satisfies both?

# %%
on_test = [readings(test.labels, with_bonus(plain["test"], b)) for b in BONUSES]
both = sum(each["people_found"] >= 0.85 and each["right_marks"] >= 0.6 for each in on_test)
figure, axis = plt.subplots()
axis.axhspan(0.85, 1.02, color="#009e73", alpha=0.12)
axis.axvspan(0.6, 1.02, color="#0072b2", alpha=0.12)
axis.plot(
    [each["right_marks"] for each in on_test],
    [each["people_found"] for each in on_test],
    ".-",
    color=ui.COLOURS["grey"],
)
for name, colour in (("plain", ui.COLOURS["network"]), ("bonus", ui.COLOURS["bad"])):
    x, y = measured[name]["right_marks"], measured[name]["people_found"]
    axis.plot(x, y, "o", color=colour, markersize=9)
    axis.annotate(name, (x, y), xytext=(8, -14), textcoords="offset points")
axis.text(0.02, 0.97, "planning", va="top", color="#00704a")
axis.text(0.99, 0.42, "sales", ha="right", color="#0059a8")
axis.set(xlabel="share of marked pixels that are a person", ylabel="share of people found")
axis.set(xlim=(0, 1.0), ylim=(0.4, 1.02))
plt.show()

# %%
print(f"settings that meet both readings: {both} of {len(BONUSES)}")

# %% [markdown]
# *What to see: each dot is a bonus. The curve passes through the green band and ends in the blue one, and
# never enters the corner where they cross.* No bonus meets both. That is not a bug to be fixed over the
# weekend. It is a question for those who asked, and it took two sentences to find it.
#
# Suppose they talk. The light is a warning; a ghost is a nuisance and a miss is an accident. Planning's
# reading is agreed on, sales drops its own. Night is met by neither setting, so it becomes a **limit** that
# is written down.
#
# ## What would it have cost later?
#
# A feature passes from research to planning and design, development, marketing and sales, and everything is
# built on the first step. So a misunderstanding found late means more work done twice. How much? Here is
# that thought as a program, with assumed efforts. Replace them by yours.

# %%
from internlab.practice.handover import lifecycle
from internlab.practice.handover.lifecycle import STAGES

ui.show_source(lifecycle.simulate)

# %%
found_at, cost = lifecycle.simulate(100_000, np.random.default_rng(SEED))
TOUCHED = (0.05, 0.5, 1.0)
rows = []
for number, stage in enumerate(STAGES):
    row = {"stage": stage.name, "person-weeks": stage.effort, "chance to notice": stage.notices}
    row["found here"] = f"{(found_at == number).mean():.0%}"
    for share in TOUCHED:
        row[f"redone if {share:.0%} is touched"] = lifecycle.cost_if_found(touched=share)[number]
    rows.append(row)
ui.table(rows, caption="Assumed stages, and the person-weeks done again by when it is found.")

# %%
expected = lifecycle.expected_cost()
error = cost.std() / np.sqrt(len(cost))
print(f"mean cost, simulated: {cost.mean():.3f} +- {2 * error:.3f}; closed form: {expected:.3f}")
talk = tuple([lifecycle.Stage("research", STAGES[0].effort, 0.6), *STAGES[1:]])
early = lifecycle.expected_cost(talk)
print(f"if acceptance tests notice it at once with chance 0.6: {early:.3f}")

# %% [markdown]
# *What to see: each column grows down to the last row, and the first of the three hardly matters.* The
# growth is no finding. It is what was put in: whatever is built on a mistake is done again. How steep it is
# depends on the share that a mistake touches, which nobody knows beforehand.
#
# You will hear that a late mistake costs a hundred times as much. The claim is usually traced to Boehm
# (1981) and to projects of that time. Menzies and others (2017) looked for the effect in 171 projects and
# found no consistent one. So say *why* it would be dear in your case, what is built on it, rather than how
# many times.
#
# ## What it costs to run
#
# In a contest one may run ten networks for a hundredth of a point. A service pays for every picture, every
# day. So first make the file that will travel, in ONNX, a format for networks that many programs read
# (lesson 11). PyTorch's own `.pt` file would not do: opening one can run code, and it needs the sender's
# classes. The bonus goes *into* the file, as part of the last layer's bias. If it stayed in this notebook,
# the receiver would have to know about it.

# %%
from internlab.quiet import quiet

chosen = load_pretrained().to(memory_format=torch.contiguous_format)
with torch.no_grad():
    chosen.head.bias[PERSON] += BONUS

MODEL = WORK / "street_people.onnx"
AXES = {0: "n", 2: "height", 3: "width"}
with quiet():  # it says which of two exporters is newer
    torch.onnx.export(
        chosen,
        (torch.rand(1, 3, 64, 96),),
        str(MODEL),
        dynamo=False,
        dynamic_axes={"image": AXES, "logits": AXES},
        opset_version=18,
        input_names=["image"],
        output_names=["logits"],
    )
print(f"{MODEL.name}: {MODEL.stat().st_size / 1e6:.2f} MB")

# %% [markdown]
# The same file can be run in several ways:
#
# - **INT8**: weights and activations as 8-bit integers (quantisation, 양자화; lesson 11),
# - **half size**: the picture is shrunk first, and the answer enlarged,
# - an **ensemble** (앙상블): several answers, averaged. In contests they often come from many networks,
#   for example of the same kind, trained from other seeds (Lakshminarayanan and others, 2017). Here one network
#   answers to several views of the picture, as it is, mirrored, and enlarged; this is called test-time
#   augmentation (테스트 시 증강).

# %%
from onnxruntime.quantization import CalibrationDataReader, QuantFormat, QuantType, quantize_static
from onnxruntime.quantization.shape_inference import quant_pre_process


class Calibration(CalibrationDataReader):
    """Gives scenes of the validation set: the quantiser looks at what values occur."""

    def __init__(self, images):
        self.left = iter(images)

    def get_next(self):
        image = next(self.left, None)
        return None if image is None else {"image": prepare(image.copy()).contiguous().numpy()}


INT8 = WORK / "street_people_int8.onnx"
with quiet("root"):
    quant_pre_process(str(MODEL), str(WORK / "prepared.onnx"), skip_symbolic_shape=True)
    quantize_static(
        str(WORK / "prepared.onnx"),
        str(INT8),
        Calibration(scenes["validation"].images[:8]),
        quant_format=QuantFormat.QDQ,
        op_types_to_quantize=["Conv"],
        per_channel=True,
        activation_type=QuantType.QUInt8,
        weight_type=QuantType.QInt8,
    )
print(f"{INT8.name}: {INT8.stat().st_size / 1e6:.2f} MB")

# %%
import onnxruntime
from PIL import Image


def open_model(path):
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


def softmax(logits):
    up = np.exp(logits - logits.max(axis=0))
    return up / up.sum(axis=0)


def view(session, image, mirrored, scale):
    """Return the probabilities (8, H, W) for one view of an image."""
    height, width = image.shape[:2]
    seen = Image.fromarray(image[:, ::-1].copy() if mirrored else image)
    if scale != 1:
        seen = seen.resize((int(width * scale), int(height * scale)), Image.Resampling.BOX)
    x = prepare(np.array(seen)).contiguous().numpy()
    p = softmax(session.run(None, {"image": x})[0][0])
    if scale != 1:
        bilinear = Image.Resampling.BILINEAR
        p = np.stack([np.array(Image.fromarray(q).resize((width, height), bilinear)) for q in p])
    return p[..., ::-1] if mirrored else p


# %%
FP32, SMALL = open_model(MODEL), open_model(INT8)
ONE = [(False, 1)]
WAYS = {
    "half size, int8": (SMALL, [(False, 0.5)]),
    "int8": (SMALL, ONE),
    "float32": (FP32, ONE),
    "int8, 2 views": (SMALL, [(False, 1), (True, 1)]),
    "float32, 2 views": (FP32, [(False, 1), (True, 1)]),
    "float32, 4 views": (FP32, [(m, k) for m in (False, True) for k in (1, 1.25)]),
    "float32, 6 views": (FP32, [(m, k) for m in (False, True) for k in (1, 1.25, 1.5)]),
}


def run(way, image):
    session, views = WAYS[way]
    return sum(view(session, image, mirrored, scale) for mirrored, scale in views)


matrices = {
    way: np.array(
        [
            scores.confusion(labels, run(way, image).argmax(axis=0), 8)
            for image, labels in zip(test.images, test.labels, strict=True)
        ]
    )
    for way in WAYS
}

# %% [markdown]
# The score has an error bar: other scenes would have given another one. The **bootstrap** (부트스트랩) draws as
# many scenes as there are, with replacement, again and again, and looks at how the score varies. All ways
# get the same draws, so that their *difference* has an error bar of its own, which is much smaller.

# %%
from internlab.practice.handover.records import resampled

weights = resampled(len(test), DRAWS, rng)
value = {way: scores.miou(each.sum(axis=0)) for way, each in matrices.items()}
drawn = {
    way: scores.miou(np.einsum("ds,sij->dij", weights, each)) for way, each in matrices.items()
}
rows = []
for way in WAYS:
    low, high = np.quantile(drawn[way], [0.025, 0.975])
    below, above = np.quantile(drawn[way] - drawn["float32"], [0.025, 0.975])
    rows.append(
        {
            "way": way,
            "mIoU": f"{value[way]:.3f}",
            "95 % interval": f"{low:.3f} to {high:.3f}",
            "minus float32": f"{value[way] - value['float32']:+.4f}",
            "95 % interval of that": f"{below:+.4f} to {above:+.4f}",
        }
    )
ui.table(rows, caption=f"{len(test)} test scenes, drawn anew {DRAWS} times.")

# %% [markdown]
# Cost in processor seconds, all ways in turn in each round, as in lesson 11; then the ratio to float32
# within each round.

# %% tags=["timing"]
from internlab.superres.benchmark import benchmark

calls = {way: (lambda way=way: run(way, test.images[0])) for way in WAYS}
timings = {each.name: each for each in benchmark(calls, ROUNDS, 2, rng)}
base = np.array(timings["float32"].samples_ms)
ratio = {way: np.array(each.samples_ms) / base for way, each in timings.items()}
cost_of = {way: float(np.median(each)) for way, each in ratio.items()}
spread = {way: np.quantile(each, [0.25, 0.75]) for way, each in ratio.items()}

# %% [markdown]
# Nobody should choose a way that costs more than another and is worse: the others form the **Pareto front**
# (파레토 경계). Being on it may be luck of the test scenes. So keep a way only if it is *shown* to be better
# than every cheaper one that was kept.

# %% tags=["timing"]
from internlab.practice.handover.front import defensible, front

costs = [cost_of[way] for way in WAYS]
on_front = dict(zip(WAYS, front(costs, list(value.values())), strict=True))
shown = defensible(costs, drawn)
figure, axis = plt.subplots(figsize=(6.4, 4.2))
for way in WAYS:
    low, high = np.quantile(drawn[way], [0.025, 0.975])
    colour = ui.COLOURS["good"] if shown[way] else ui.COLOURS["grey"]
    axis.errorbar(
        cost_of[way],
        value[way],
        xerr=np.abs(spread[way] - cost_of[way])[:, None],
        yerr=[[value[way] - low], [high - value[way]]],
        fmt="o" if on_front[way] else "x",
        markersize=7,
        color=colour,
    )
    label = "abcdefg"[list(WAYS).index(way)]
    axis.annotate(label, (cost_of[way], value[way]), xytext=(5, 4), textcoords="offset points")
axis.set(xscale="log", xlabel="processor time of one picture (float32 = 1)", ylabel="mean IoU")
axis.set_xlim(0.35, 20)
axis.set_xticks([0.5, 1, 2, 5, 10], ["0.5", "1", "2", "5", "10"])
axis.minorticks_off()
plt.show()

# %% tags=["timing"]
ui.table(
    [
        {
            "": letter,
            "way": way,
            "cost": f"{cost_of[way]:.2f}",
            "quartiles": f"{spread[way][0]:.2f} to {spread[way][1]:.2f}",
            "mIoU": f"{value[way]:.3f}",
            "on the front": on_front[way],
            "shown to be worth it": shown[way],
        }
        for letter, way in zip("abcdefg", WAYS, strict=True)
    ],
    caption=f"The letters of the figure. Cost as a ratio to float32, {ROUNDS} rounds: median, quartiles.",
)

# %% [markdown]
# *What to see: dots are on the front, and green ones are shown to be worth their cost; crosses are beaten
# by something cheaper.* The integers cost less and lose nothing that these scenes could show. (That they
# are a hair better is no merit of theirs: rounding moves every boundary a little, and here it moved to the
# right side.) Two views in integers gain a little for little. Four views gain a little more for several
# times the cost: a contest would take them. Six are beaten outright.
#
# Nobody asked for less than float32 costs, so float32 travels. There is a reason besides: integer
# arithmetic rounds differently on different processors, so the receiver could not check it as sharply. Such
# a reason belongs into the hand-over. Someone who pays for the machines will ask.
#
# ## The card: first try
#
# A **model card** (모델 카드) tells what a receiver needs: Mitchell and others (2019) proposed it as a short
# page that goes with every released model. Here is a description as one would write it into a mail. It
# sounds complete.

# %%
from internlab.practice.handover import cards, desk, faults

short = cards.nested(
    {
        "name": "street network, marks people",
        "file.name": MODEL.name,
        "file.format": "onnx",
        "input.channels": "RGB",
        "input.layout": "NCHW",
        "input.height": [32, 256],
        "input.width": [32, 256],
        "output.classes": list(streets.CLASSES),
        "metric.name": "share of people found",
        "metric.value": round(float(measured["bonus"]["people_found"]), 4),
        "licence": "MIT",
        "contact": "the one who wrote this mail",
    }
)
parcel = desk.pack(WORK / "parcel", MODEL, short)
verdict = desk.deliver(parcel)
print("in the folder:", ", ".join(sorted(each.name for each in parcel.iterdir())))
print(f"the receiver: {str(verdict)[:1000]} ...")

# %%
MISSING = len(verdict.facts)
print(f"facts that the receiver lacks: {MISSING}")

# %% [markdown]
# The **receiver** is a script of its own. It runs in another process, in an empty place, and imports
# nothing of the kit. For each fact it says what it cannot do without it. One of them is a **hash** (해시), a
# fingerprint of the file's bytes: another file, another hash. Here is how it turns a picture into numbers;
# every `self.facts` is a line of your card.

# %%
from internlab.practice.handover import receiver

ui.show_source(receiver.Service.prepare)

# %% [markdown]
# ## The card: from the run's own records
#
# You could now type the missing facts. But the run knows most of them, and what is typed can differ from
# what was run. So the kit takes recorded facts only from records: from the file, from the constants that
# the code used, from the test results. It refuses a recorded fact that was typed.

# %%
try:
    cards.model_card({}, {"metric.value": 0.99})
except ValueError as refused:
    print(refused)

# %% [markdown]
# A metric without its n and its spread is half a fact. What n counts matters as much: people of one scene
# are seen in one light, so the bootstrap draws scenes.

# %%
from internlab.practice.handover import records

answers = np.stack([run("float32", image).argmax(axis=0) for image in test.images])
people = [
    scores.found(truth, answer, PERSON) for truth, answer in zip(test.labels, answers, strict=True)
]
right, there = np.array([sum(p) for p in people]), np.array([len(p) for p in people])
metric = records.metric_facts(
    "share of people of 12 or more pixels of whom at least half is marked",
    lambda weights: float(weights @ right / (weights @ there)),
    f"drawn scenes, which show {there.sum()} people",
    f"internlab.data.streets, set test, {len(test)} scenes",
    [test.images, test.labels],
    rng,
)
for name, value_ in metric.items():
    print(f"{name:20} {value_ if 'sha' not in name else value_[:16] + ' ...'}")

# %% [markdown]
# Compare the low end with planning's bar of 0.85, not the value. A value above the bar whose interval
# reaches below it promises less than it seems to.
#
# Limits are measured too: the same numbers where the network is worse. "Not tested at night" would be true
# of most cards, and useless.

# %%
limits = []
for name in ("night", "fog"):
    worse = readings(scenes[name].labels, logits_of(chosen, scenes[name].images).argmax(axis=1))
    limits.append(
        f"{name}: {worse['people_found']:.2f} of {worse['people']} people found, mean IoU "
        f"{worse['miou']:.2f}, {SCENES[name]} scenes"
    )
limits.append(
    f"ghosts: {measured['bonus']['right_marks']:.2f} of the pixels marked as person are a person, "
    f"{len(test)} scenes"
)
for limit in limits:
    print(limit)

# %% [markdown]
# The test that travels with the card: a small picture, and what *your* program, PyTorch, says about it at a
# few places.

# %%
whole = scenes["validation"].images[0]
columns = (scenes["validation"].labels[0] == PERSON).sum(axis=0)
left = int(np.clip(columns.argmax() - 48, 0, whole.shape[1] - 96))
sample = whole[40:88, left : left + 96].copy()
sent = softmax(logits_of(chosen, [sample])[0])
travelling = records.test_facts(sample, sent, streets.CLASSES)
ui.images([sample, streets.PALETTE[sent.argmax(axis=0)]], ["test picture", "the sender's answer"])

# %% tags=["timing"]
from internlab.provenance import code_version

recorded = {
    **records.file_facts(MODEL),
    "input.layout": "NCHW",
    "input.channels": "RGB",
    "input.height": [32, 256],
    "input.width": [32, 256],
    "input.pixel_range": [0, 255],
    "input.mean": [MEAN] * 3,
    "input.std": [SPREAD] * 3,
    "output.layout": "NCHW",
    "output.meaning": "logits",
    "output.classes": list(streets.CLASSES),
    **travelling,
    **metric,
    "limits.measured": limits,
    "training.data": "internlab.data.streets, set train, 600 scenes",
    "training.code": f"internlab.ood.dense.trained, seed 0; kit {code_version()}",
    **records.cost_facts(lambda: run("float32", test.images[0])),
}

# %% [markdown]
# What no record holds, a person has to say. Keep it short, and say it so that somebody can act on it.

# %% tags=["timing"]
stated = {
    "limits.stated": "Drawn scenes only. No photograph was tried, no rain, no crowd.",
    "training.again": f"trained_network(seed=0), then add {BONUS} to the bias of class person",
    "use.intended": "Lessons, and demonstrations on drawn scenes.",
    "use.not_for": "Warning anybody on a real street.",
    "licence": "MIT",
    "contact": "the authors of the kit, by an issue in its repository",
}
card = cards.model_card(recorded, stated)
cards.write(card, KEEP / "model_card.yaml")
(KEEP / "model_card.md").write_text(cards.page(card, "Street people"), encoding="utf-8")
ui.table(
    [
        {"fact": name, "value": str(value)[:90], "from": cards.MODEL_FACTS[name]}
        for name, value in cards.facts_of(card)
    ],
    caption="The model card. Long values are cut here, not in the file.",
)

# %%
parcel = desk.pack(WORK / "parcel", MODEL, card)
print("the receiver:", desk.deliver(parcel))

# %% [markdown]
# ## Is every fact needed?
#
# Take them away one by one. A fact that nobody misses has no business on the card. (The receiver's code
# runs in this process here, because a new one for each card would take a while. `make claims` starts a new
# one each time.)

# %%
removed = {
    name: desk.examine(desk.pack(WORK / "broken", MODEL, broken))
    for name, broken in faults.each_removed(card)
}
named = sum(name in verdict.facts for name, verdict in removed.items())
served = sum(verdict.served for verdict in removed.values())
print(f"{len(removed)} cards with one fact removed: {named} refused by its name, {served} served")

# %% [markdown]
# A wrong fact is worse than none. Each of the following is a mistake that people make: colours in the other
# order, a mean of zero, classes sorted by name, per cent for a share.

# %%
mistaken = {
    name: desk.examine(desk.pack(WORK / "broken", MODEL, broken))
    for name, broken in faults.each_mistaken(card)
}
caught = sum(name in verdict.facts for name, verdict in mistaken.items())
shown_facts = ["input.channels", "input.mean", "output.classes", "file.sha256", "metric.value"]
ui.table(
    [
        {"wrong": name, "the receiver says": mistaken[name].problems[0]["text"]}
        for name in shown_facts
    ],
    caption=f"{len(mistaken)} cards with one wrong fact, {caught} refused with that fact named. "
    "Five of them:",
)

# %% [markdown]
# *What to see: the file knows its own hash, names and shapes, and contradicts a card that has them wrong.
# What was done to the pixels is not in the file, and only the test picture shows it.* Without the test
# picture, colours in the other order give a picture full of plausible labels.
#
# And what shows neither? Tell a lie that is consistent.

# %%
lie = card
for fact, value_ in (
    ("metric.value", 0.99),
    ("metric.low", 0.98),
    ("metric.high", 1.0),
    ("licence", "public domain"),
    ("use.not_for", "nothing"),
):
    lie = faults.changed(lie, fact, value_)
print("the receiver:", desk.examine(desk.pack(WORK / "broken", MODEL, lie)))

# %% [markdown]
# It is served. Metric, limits, licence and use are taken on trust: the receiver can only see that they are
# there. To make them checkable, the card names the test set, its hash and the code. That is all a card can
# do, and the reason why honesty on it matters.
#
# ## From the card alone
#
# The last test is the real one. A service is started from the folder, in an empty place. You talk to it as
# a stranger would.

# %%
bad = [
    ({}, "image"),
    ({"image": "not a picture"}, "PNG"),
    ({"image": records.as_text(np.zeros((8, 40, 3), np.uint8))}, "height"),
    ({"image": records.as_text(np.zeros((40, 999, 3), np.uint8))}, "width"),
]
with desk.serving(parcel) as service:
    difference = np.abs(service.ask(sample) - sent).max()
    replies = [service.send(request).get("error", "") for request, _ in bad]
    delivered = np.stack([service.ask(image).argmax(axis=0) for image in test.images])
    dark = np.stack([service.ask(image).argmax(axis=0) for image in scenes["night"].images])
print(f"largest difference from the sender's probabilities: {difference:.1e}")
for reply in replies:
    print("  ", reply)

# %%
of_service = readings(test.labels, delivered) | {
    "sizes_kept": sizes_kept(chosen),
    "file_mb": MODEL.stat().st_size / 1e6,
    "night_miou": readings(scenes["night"].labels, dark)["miou"],
    "bad_requests_named": np.mean([word in r for r, (_, word) in zip(replies, bad, strict=True)]),
}
at_last = run_tests(tests, of_service)
for each in REQUIREMENTS:
    print(f"{'passes' if at_last[each.name] else 'fails ':6}  {each.name}")

# %% [markdown]
# Two fail, and both are known: sales dropped one, and night is a limit on the card. The tests stay in the
# file as they are. If a better network comes, they say so.
#
# ## The data card
#
# Gebru and others (2021) ask the same of data: why they were collected, how, by whom, and what they should
# not be used for. A **data card** (데이터 카드) answers. Again the numbers come from the arrays.

# %%
from internlab.data.streets import SETS
from internlab.data.streets.cards import CARD
from internlab.provenance import hash_data

shares = np.bincount(test.labels[test.labels < 8].ravel(), minlength=8) / test.labels.size
data = cards.data_card(
    {
        "name": CARD.name,
        "what": CARD.what,
        "splits": [f"{name}: {recipe.count} scenes" for name, recipe in SETS.items()],
        "shape": list(test.images.shape[1:]),
        "dtype": str(test.images.dtype),
        "value_range": [int(test.images.min()), int(test.images.max())],
        "classes": list(streets.CLASSES),
        "class_shares": [round(float(share), 3) for share in shares],
        "sha256": f"set test, {len(test)} scenes: {hash_data(test.images)}",
        "licence": CARD.licence,
    },
    {
        "why": "To teach how a network meets what it has not seen, without a download.",
        "how_made": CARD.origin,
        "who_labelled": "The program that draws; each pixel's label is exact.",
        "gaps": "No bicycles, no crowds, no rain; flat ground; people stand upright.",
        "people": "Nobody is shown. People are drawn shapes.",
        "not_for": "Deciding anything about a real street.",
        "contact": "the authors of the kit, by an issue in its repository",
    },
)
cards.write(data, KEEP / "data_card.yaml")
(KEEP / "data_card.md").write_text(cards.page(data, CARD.name), encoding="utf-8")
percent = {name: f"{share:.1%}" for name, share in zip(streets.CLASSES, shares, strict=True)}
ui.table(
    [percent], caption="One fact of the data card: the share of pixels of each class, test scenes."
)

# %% [markdown]
# *What to see: people are a tiny share of the pixels.* A score that averages over pixels hardly sees them.
# It is one line of the data card, and it would have told both sides at the beginning why they meant
# different things.
#
# ## Close the note

# %%
ensembles = [way for way in WAYS if "views" in way]
note.close(
    {
        "settings_that_meet_both_readings": both,
        "facts_missing_in_a_short_description": MISSING,
        "receiver_minus_sender": difference,
        "gain_of_the_best_ensemble": max(value[way] for way in ensembles) - value["float32"],
        "loss_by_int8": value["float32"] - value["int8"],
    },
    learned="The request had two readings that no setting of this network meets together; two "
    "sentences and a test showed it. A short description lacks most facts, and who wrote it does not "
    "notice. What was done to the pixels is in no file, so a test picture has to travel.",
    ask="Who of those who asked decides between a miss and a ghost?",
)
note

# %% [markdown]
# ## At full scale
#
# A real card is read by lawyers, and its limits are measured by group of people and by place. Its receiver
# is a service with versions, monitoring and a way back. The model comes from a registry that checks the
# hash for you. What stays: requirements before models, facts from records, and somebody who tries it
# without you.
#
# **What you keep**, in `notes/06-hand-it-over/`: `test_acceptance.py`, `model_card.yaml` and
# `data_card.yaml`, and both cards as pages.

# %%
print("\n".join(sorted(each.name for each in KEEP.iterdir() if each.is_file())))

# %% [markdown]
# **Next.** Do lab 06 (`labs/06_hand_it_over.ipynb`).
