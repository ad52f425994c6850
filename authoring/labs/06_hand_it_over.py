# ---
# title: Hand it over (lab)
# minutes: 50
# passages: [nrc-document-for-handoff, nrc-clear-requirements, kb-serving-limits]
# smoke_seconds: 8
# ---
# %% [markdown]
# # Lab 06 · Hand it over
#
# *50 minutes. You need: [lesson 06](../notebooks/06_hand_it_over.ipynb).*
#
# You turn a reading into a number and a sentence into a test, prepare a picture as a card says, give a
# metric its interval, find the options that nobody should choose, and mend a card until a stranger can use
# it and rely on it. Replace each `...`, run the cell, and read the line that `check()` prints. The
# exercises do not depend on each other.

# %%
import numpy as np

from internlab import notebook_ui as ui
from internlab import passages
from internlab.practice.exercises.handover import check, hint

ui.style()
passages.card("nrc-document-for-handoff", "nrc-clear-requirements", "kb-serving-limits")

# %% [markdown]
# ## 1 · Planning's reading
#
# "At least half of the pixels of each person, for people of 12 or more pixels." `sizes` (N,) holds the
# pixels of each person in the test scenes, `marked` (N,) how many of them the network marked. Return the
# share of people found, among those whom the sentence is about.


# %%
def found(sizes, marked):
    ### BEGIN SOLUTION
    counts = sizes >= 12
    return (marked >= sizes / 2)[counts].mean()
    ### END SOLUTION


check("found", found)

# %%
# hint("found", 1)


# %% tags=["wrong"]
# says: one large person outweighs many small ones
def found(sizes, marked):
    counts = sizes >= 12
    return marked[counts].sum() / sizes[counts].sum()


check("found", found)


# %% tags=["wrong"]
# says: is the share of pixels of all people
def found(sizes, marked):
    return marked.sum() / sizes.sum()


check("found", found)


# %% tags=["wrong"]
# says: When is a person found
def found(sizes, marked):
    counts = sizes >= 12
    return (marked / sizes)[counts].mean()


check("found", found)


# %% tags=["wrong"]
# says: What does 'at least half' say
def found(sizes, marked):
    counts = sizes >= 12
    return (marked > sizes / 2)[counts].mean()


check("found", found)


# %% tags=["wrong"]
# says: counts people of fewer than 12 pixels
def found(sizes, marked):
    return (marked >= sizes / 2).mean()


check("found", found)


# %% tags=["wrong"]
# says: What does '12 or more' say
def found(sizes, marked):
    return (marked >= sizes / 2)[sizes > 12].mean()


check("found", found)


# %% tags=["wrong"]
# says: but divides by all
def found(sizes, marked):
    return ((marked >= sizes / 2) & (sizes >= 12)).mean()


check("found", found)


# %% tags=["wrong"]
# says: is a number of people
def found(sizes, marked):
    return ((marked >= sizes / 2) & (sizes >= 12)).sum()


check("found", found)


# %% tags=["wrong"]
# says: Yours is rounded
def found(sizes, marked):
    return round((marked >= sizes / 2)[sizes >= 12].mean(), 2)


check("found", found)


# %% tags=["alternative"]
def found(sizes, marked):
    people = [(s, m) for s, m in zip(sizes, marked) if s >= 12]
    return sum(2 * m >= s for s, m in people) / len(people)


check("found", found)

# %% [markdown]
# ## 2 · A sentence in EARS
#
# Write the function that joins clauses to a requirement for *the service*. A clause that is not given is
# `""`. At most one of `when` and `if_` is given. The state (`while_`) stands before what happens in it.
# Examples of what it returns:
#
# - `The service shall answer within 50 ms.`
# - `While 8 clients are connected, when a picture arrives, the service shall answer within 90 ms.`
# - `If the picture is broken, then the service shall answer with an error.`


# %%
def sentence(response, while_="", when="", if_=""):
    ### BEGIN SOLUTION
    clauses = [("while", while_), ("when", when), ("if", if_)]
    text = "".join(f"{word} {clause}, " for word, clause in clauses if clause)
    text += ("then " if if_ else "") + f"the service shall {response}."
    return text[0].upper() + text[1:]
    ### END SOLUTION


check("sentence", sentence)

# %%
# hint("sentence", 1)


# %% tags=["wrong"]
# says: which word goes with 'if' in EARS
def sentence(response, while_="", when="", if_=""):
    clauses = [("while", while_), ("when", when), ("if", if_)]
    text = "".join(f"{word} {clause}, " for word, clause in clauses if clause)
    text += f"the service shall {response}."
    return text[0].upper() + text[1:]


check("sentence", sentence)


# %% tags=["wrong"]
# says: which of the clauses asks for 'then'
def sentence(response, while_="", when="", if_=""):
    clauses = [("while", while_), ("when", when), ("if", if_)]
    text = "".join(f"{word} {clause}, " for word, clause in clauses if clause)
    text += ("then " if text else "") + f"the service shall {response}."
    return text[0].upper() + text[1:]


check("sentence", sentence)


# %% tags=["wrong"]
# says: what becomes of a clause that is not given
def sentence(response, while_="", when="", if_=""):
    return f"While {while_}, when {when}, the service shall {response}."


check("sentence", sentence)


# %% tags=["wrong"]
# says: what stands first, the state or what happens in it
def sentence(response, while_="", when="", if_=""):
    clauses = [("when", when), ("if", if_), ("while", while_)]
    text = "".join(f"{word} {clause}, " for word, clause in clauses if clause)
    text += ("then " if if_ else "") + f"the service shall {response}."
    return text[0].upper() + text[1:]


check("sentence", sentence)


# %% tags=["wrong"]
# says: which letters of a sentence are capital
def sentence(response, while_="", when="", if_=""):
    clauses = [("While", while_), ("When", when), ("If", if_)]
    text = "".join(f"{word} {clause}, " for word, clause in clauses if clause)
    return text + ("then " if if_ else "") + f"the service shall {response}."


check("sentence", sentence)


# %% tags=["wrong"]
# says: which word makes it a requirement
def sentence(response, while_="", when="", if_=""):
    clauses = [("while", while_), ("when", when), ("if", if_)]
    text = "".join(f"{word} {clause}, " for word, clause in clauses if clause)
    text += ("then " if if_ else "") + f"the service should {response}."
    return text[0].upper() + text[1:]


check("sentence", sentence)


# %% tags=["wrong"]
# says: how does a sentence end
def sentence(response, while_="", when="", if_=""):
    clauses = [("while", while_), ("when", when), ("if", if_)]
    text = "".join(f"{word} {clause}, " for word, clause in clauses if clause)
    text += ("then " if if_ else "") + f"the service shall {response}"
    return text[0].upper() + text[1:]


check("sentence", sentence)


# %% tags=["wrong"]
# says: which of the clauses is lost
def sentence(response, while_="", when="", if_=""):
    if while_:
        return f"While {while_}, the service shall {response}."
    if when:
        return f"When {when}, the service shall {response}."
    if if_:
        return f"If {if_}, then the service shall {response}."
    return f"The service shall {response}."


check("sentence", sentence)


# %% tags=["alternative"]
def sentence(response, while_="", when="", if_=""):
    parts = []
    if while_:
        parts.append("while " + while_)
    if when:
        parts.append("when " + when)
    if if_:
        parts.append("if " + if_)
    parts.append(("then " if if_ else "") + "the service shall " + response + ".")
    joined = ", ".join(parts)
    return joined[:1].upper() + joined[1:]


check("sentence", sentence)

# %% [markdown]
# ## 3 · An acceptance test
#
# Two requirements were agreed on: `people_found` is at least 0.85, and `file_mb` is at most 2. `measured`
# is a dictionary of numbers. A number may be missing, because nobody measured it, or be `nan`, because the
# measurement broke. Return whether the model is accepted: `True` needs proof.


# %%
def accepts(measured):
    ### BEGIN SOLUTION
    nan = float("nan")
    enough_people = measured.get("people_found", nan) >= 0.85
    small_enough = measured.get("file_mb", nan) <= 2
    return enough_people and small_enough
    ### END SOLUTION


check("accepts", accepts)

# %%
# hint("accepts", 1)


# %% tags=["wrong"]
# says: raised KeyError
def accepts(measured):
    return measured["people_found"] >= 0.85 and measured["file_mb"] <= 2


check("accepts", accepts)


# %% tags=["wrong"]
# says: which default would have met the bar
def accepts(measured):
    return measured.get("people_found", 0) >= 0.85 and measured.get("file_mb", 0) <= 2


check("accepts", accepts)


# %% tags=["wrong"]
# says: what does a comparison with nan give
def accepts(measured):
    if "people_found" not in measured or "file_mb" not in measured:
        return False
    return not (measured["people_found"] < 0.85 or measured["file_mb"] > 2)


check("accepts", accepts)


# %% tags=["wrong"]
# says: what does 'at least' say
def accepts(measured):
    nan = float("nan")
    return measured.get("people_found", nan) > 0.85 and measured.get("file_mb", nan) < 2


check("accepts", accepts)


# %% tags=["wrong"]
# says: what does 'at most' say
def accepts(measured):
    nan = float("nan")
    return measured.get("people_found", nan) >= 0.85 and measured.get("file_mb", nan) < 2


check("accepts", accepts)


# %% tags=["wrong"]
# says: must one be met, or both
def accepts(measured):
    nan = float("nan")
    return measured.get("people_found", nan) >= 0.85 or measured.get("file_mb", nan) <= 2


check("accepts", accepts)


# %% tags=["wrong"]
# says: which comparison says otherwise
def accepts(measured):
    nan = float("nan")
    return measured.get("people_found", nan) >= 0.85 and measured.get("file_mb", nan) >= 2


check("accepts", accepts)


# %% tags=["wrong"]
# says: expected True or False
def accepts(measured):
    nan = float("nan")
    met = {
        "people_found": measured.get("people_found", nan) >= 0.85,
        "file_mb": measured.get("file_mb", nan) <= 2,
    }
    return met


check("accepts", accepts)


# %% tags=["alternative"]
def accepts(measured):
    bars = {"people_found": (0.85, np.inf), "file_mb": (-np.inf, 2)}
    return all(name in measured and a <= measured[name] <= b for name, (a, b) in bars.items())


check("accepts", accepts)

# %% [markdown]
# ## 4 · Prepare a picture by the card
#
# You are the receiver. `image` is (H, W, 3), uint8, in the order RGB. `facts` is the part `input` of a
# card: `channels` ("RGB" or "BGR", the order that the model wants), `pixel_range` (what 0 and 255 become),
# `mean` and `std` (one number for each channel, in the model's order, subtracted and divided by after
# that). Return what the model takes: float32, NCHW, a batch of one.


# %%
def prepare(image, facts):
    ### BEGIN SOLUTION
    if facts["channels"] == "BGR":
        image = image[..., ::-1]
    low, high = facts["pixel_range"]
    x = low + (high - low) * (image / 255)
    x = (x - np.array(facts["mean"])) / np.array(facts["std"])
    return x.transpose(2, 0, 1)[None].astype(np.float32)
    ### END SOLUTION


check("prepare", prepare)

# %%
# hint("prepare", 1)


# %% tags=["wrong"]
# says: the colours are in the other order
def prepare(image, facts):
    low, high = facts["pixel_range"]
    x = low + (high - low) * (image / 255)
    x = (x - np.array(facts["mean"])) / np.array(facts["std"])
    return x.transpose(2, 0, 1)[None].astype(np.float32)


check("prepare", prepare)


# %% tags=["wrong"]
# says: begins again at 0
def prepare(image, facts):
    if facts["channels"] == "BGR":
        image = image[..., ::-1]
    low, high = facts["pixel_range"]
    x = low + (high - low) * image / 255
    x = (x - np.array(facts["mean"])) / np.array(facts["std"])
    return x.transpose(2, 0, 1)[None].astype(np.float32)


check("prepare", prepare)


# %% tags=["wrong"]
# says: your pixels run from 0 to 1
def prepare(image, facts):
    x = image / 255
    if facts["channels"] == "BGR":
        x = x[..., ::-1]
    x = (x - np.array(facts["mean"])) / np.array(facts["std"])
    return x.transpose(2, 0, 1)[None].astype(np.float32)


check("prepare", prepare)


# %% tags=["wrong"]
# says: your pixels run from 0 to 255
def prepare(image, facts):
    x = image[..., ::-1] if facts["channels"] == "BGR" else image
    x = (x - np.array(facts["mean"])) / np.array(facts["std"])
    return x.transpose(2, 0, 1)[None].astype(np.float32)


check("prepare", prepare)


# %% tags=["wrong"]
# says: before you subtract the mean
def prepare(image, facts):
    if facts["channels"] == "BGR":
        image = image[..., ::-1]
    low, high = facts["pixel_range"]
    x = (low + (high - low) * (image / 255)) / np.array(facts["std"]) - np.array(facts["mean"])
    return x.transpose(2, 0, 1)[None].astype(np.float32)


check("prepare", prepare)


# %% tags=["wrong"]
# says: mean and std went along with the flip
def prepare(image, facts):
    low, high = facts["pixel_range"]
    x = low + (high - low) * (image / 255)
    x = (x - np.array(facts["mean"])) / np.array(facts["std"])
    if facts["channels"] == "BGR":
        x = x[..., ::-1]
    return x.transpose(2, 0, 1)[None].astype(np.float32)


check("prepare", prepare)


# %% tags=["wrong"]
# says: your picture is upside down
def prepare(image, facts):
    if facts["channels"] == "BGR":
        image = image[::-1]
    low, high = facts["pixel_range"]
    x = low + (high - low) * (image / 255)
    x = (x - np.array(facts["mean"])) / np.array(facts["std"])
    return x.transpose(2, 0, 1)[None].astype(np.float32)


check("prepare", prepare)


# %% tags=["wrong"]
# says: which type has a division of NumPy
def prepare(image, facts):
    if facts["channels"] == "BGR":
        image = image[..., ::-1]
    low, high = facts["pixel_range"]
    x = low + (high - low) * (image / 255)
    x = (x - np.array(facts["mean"])) / np.array(facts["std"])
    return x.transpose(2, 0, 1)[None]


check("prepare", prepare)


# %% tags=["wrong"]
# says: which axis is missing
def prepare(image, facts):
    if facts["channels"] == "BGR":
        image = image[..., ::-1]
    low, high = facts["pixel_range"]
    x = low + (high - low) * (image / 255)
    x = (x - np.array(facts["mean"])) / np.array(facts["std"])
    return x.transpose(2, 0, 1).astype(np.float32)


check("prepare", prepare)


# %% tags=["wrong"]
# says: where do the channels stand in NCHW?
def prepare(image, facts):
    if facts["channels"] == "BGR":
        image = image[..., ::-1]
    low, high = facts["pixel_range"]
    x = low + (high - low) * (image / 255)
    x = (x - np.array(facts["mean"])) / np.array(facts["std"])
    return x[None].astype(np.float32)


check("prepare", prepare)


# %% tags=["wrong"]
# says: the mean is not subtracted
def prepare(image, facts):
    if facts["channels"] == "BGR":
        image = image[..., ::-1]
    low, high = facts["pixel_range"]
    x = (low + (high - low) * (image / 255)) / np.array(facts["std"])
    return x.transpose(2, 0, 1)[None].astype(np.float32)


check("prepare", prepare)


# %% tags=["alternative"]
def prepare(image, facts):
    import torch

    x = torch.tensor(image.copy()).permute(2, 0, 1).float() / 255
    if facts["channels"] == "BGR":
        x = x.flip(0)
    low, high = facts["pixel_range"]
    mean, std = (torch.tensor(facts[name]).view(3, 1, 1) for name in ("mean", "std"))
    return ((x * (high - low) + low - mean) / std).unsqueeze(0)


check("prepare", prepare)

# %% [markdown]
# ## 5 · A metric with its interval
#
# On each of S scenes there are `there` (S,) people, of whom `found` (S,) were found; on some scenes there
# is nobody. `weights` (B, S) are B bootstrap draws: how often each scene was drawn. Return three numbers:
# the share of people found, and the ends of its 95 % interval, the 2.5 and 97.5 % quantiles over the draws
# (`np.quantile`).


# %%
def interval(found, there, weights):
    ### BEGIN SOLUTION
    value = found.sum() / there.sum()
    drawn = weights @ found / (weights @ there)
    low, high = np.quantile(drawn, [0.025, 0.975])
    return value, low, high
    ### END SOLUTION


check("interval", interval)

# %%
# hint("interval", 1)


# %% tags=["wrong"]
# says: is the mean of the scenes' shares. Does a scene
def interval(found, there, weights):
    some = there > 0
    value = (found[some] / there[some]).mean()
    drawn = weights @ found / (weights @ there)
    return value, *np.quantile(drawn, [0.025, 0.975])


check("interval", interval)


# %% tags=["wrong"]
# says: averages the shares of the scenes
def interval(found, there, weights):
    shares = found / np.maximum(there, 1)
    drawn = weights @ shares / len(there)
    return found.sum() / there.sum(), *np.quantile(drawn, [0.025, 0.975])


check("interval", interval)


# %% tags=["wrong"]
# says: is the mean of the draws
def interval(found, there, weights):
    drawn = weights @ found / (weights @ there)
    return drawn.mean(), *np.quantile(drawn, [0.025, 0.975])


check("interval", interval)


# %% tags=["wrong"]
# says: leaves five per cent out on this side alone
def interval(found, there, weights):
    drawn = weights @ found / (weights @ there)
    return found.sum() / there.sum(), *np.quantile(drawn, [0.05, 0.95])


check("interval", interval)


# %% tags=["wrong"]
# says: is one standard deviation away
def interval(found, there, weights):
    value = found.sum() / there.sum()
    spread = (weights @ found / (weights @ there)).std()
    return value, value - spread, value + spread


check("interval", interval)


# %% tags=["wrong"]
# says: treats the people as drawn one by one
def interval(found, there, weights):
    value = found.sum() / there.sum()
    half = 1.96 * np.sqrt(value * (1 - value) / there.sum())
    return value, value - half, value + half


check("interval", interval)


# %% tags=["wrong"]
# says: is the most extreme of all draws
def interval(found, there, weights):
    drawn = weights @ found / (weights @ there)
    return found.sum() / there.sum(), drawn.min(), drawn.max()


check("interval", interval)


# %% tags=["wrong"]
# says: expected low before high
def interval(found, there, weights):
    drawn = weights @ found / (weights @ there)
    return found.sum() / there.sum(), *np.quantile(drawn, [0.975, 0.025])


check("interval", interval)


# %% tags=["wrong"]
# says: you gave 2 values
def interval(found, there, weights):
    return np.quantile(weights @ found / (weights @ there), [0.025, 0.975])


check("interval", interval)


# %% tags=["alternative"]
def interval(found, there, weights):
    drawn = [(w * found).sum() / (w * there).sum() for w in weights]
    return [found.sum() / there.sum(), np.percentile(drawn, 2.5), np.percentile(drawn, 97.5)]


check("interval", interval)

# %% [markdown]
# ## 6 · What nobody should choose
#
# `cost` (N,), lower is better, and `score` (N,), higher is better, belong to N ways to run a model. One way
# *beats* another if it costs no more, scores no less, and is better in at least one of the two. Return for
# each way whether nothing beats it, as N times `True` or `False`.


# %%
def keep(cost, score):
    ### BEGIN SOLUTION
    kept = []
    for c, s in zip(cost, score):
        no_worse = (cost <= c) & (score >= s)
        better = (cost < c) | (score > s)
        kept.append(not (no_worse & better).any())
    return kept
    ### END SOLUTION


check("keep", keep)

# %%
# hint("keep", 1)


# %% tags=["wrong"]
# says: does a front hold only one
def keep(cost, score):
    return score == score.max()


check("keep", keep)


# %% tags=["wrong"]
# says: who pays the same for less
def keep(cost, score):
    return [not ((cost < c) & (score > s)).any() for c, s in zip(cost, score)]


check("keep", keep)


# %% tags=["wrong"]
# says: who pays more for the same
def keep(cost, score):
    return [not ((cost <= c) & (score > s)).any() for c, s in zip(cost, score)]


check("keep", keep)


# %% tags=["wrong"]
# says: it has an equal twin
def keep(cost, score):
    return [((cost <= c) & (score >= s)).sum() == 1 for c, s in zip(cost, score)]


check("keep", keep)


# %% tags=["wrong"]
# says: nothing is cheaper
def keep(cost, score):
    order = np.argsort(cost)
    kept, best = np.zeros(len(cost), bool), score[order[0]]
    for i in order:
        if score[i] > best:
            kept[i], best = True, score[i]
    return kept


check("keep", keep)


# %% tags=["wrong"]
# says: are yours positions
def keep(cost, score):
    order = np.argsort(cost)
    best, kept = -np.inf, []
    for i in order:
        if score[i] > best:
            best = score[i]
            kept.append(i)
    return np.array(kept)


check("keep", keep)


# %% tags=["wrong"]
# says: who would choose the first
def keep(cost, score):
    return [True] * len(cost)


check("keep", keep)


# %% tags=["alternative"]
def keep(cost, score):
    c, s = cost[:, None], score[:, None]
    beats = (cost <= c) & (score >= s) & ((cost < c) | (score > s))
    return ~beats.any(axis=1)


check("keep", keep)

# %% [markdown]
# ## 7 · Mend a card
#
# A colleague left, and this card of a digit network is what there is. `receive(card)` puts it into an empty
# folder beside the model file and lets the receiver look at it. `record()` is what the run itself wrote
# down, with dotted names. You know from the colleague's mail that the model is under the MIT licence and
# the digits under CC BY 4.0.
#
# Answer with a card that a stranger can serve *and rely on*. Mend what is wrong and leave the rest.

# %%
from internlab.practice.exercises.handover_given import broken_card, receive, record

print(receive(broken_card()))

# %%
### BEGIN SOLUTION
card = broken_card()
card["licence"] = "MIT (the model), CC-BY-4.0 (the digits)"
for name, value in record().items():  # what the receiver cannot see is mended as well
    branch, leaf = name.split(".")
    card[branch][leaf] = value
answer = card
### END SOLUTION
check("mend", answer)

# %%
# hint("mend", 1)

# %% tags=["wrong"]
# says: the receiver still refuses
answer = broken_card()
check("mend", answer)

# %% tags=["wrong"]
# says: what does the record say about output.classes
answer = broken_card()
answer["licence"] = "MIT and CC BY 4.0"
answer["input"]["layout"] = "NCHW"
answer["input"]["std"] = record()["input.std"]
check("mend", answer)

# %% tags=["wrong"]
# says: can a receiver see that, and who can
answer = broken_card()
answer["licence"] = "MIT and CC BY 4.0"
answer["input"]["layout"] = "NCHW"
answer["input"]["std"] = record()["input.std"]
answer["output"]["classes"] = record()["output.classes"]
check("mend", answer)

# %% tags=["wrong"]
# says: would a receiver's pictures change with it
answer = broken_card()
answer["licence"] = "MIT and CC BY 4.0"
answer["input"]["layout"] = "NCHW"
answer["test"]["tolerance"] = 0.01
check("mend", answer)

# %% tags=["wrong"]
# says: which of the two is missing
answer = broken_card()
for name, value in record().items():
    answer[name.split(".")[0]][name.split(".")[1]] = value
answer["licence"] = "MIT"
check("mend", answer)

# %% tags=["wrong"]
# says: what made you touch it
answer = broken_card()
for name, value in record().items():
    answer[name.split(".")[0]][name.split(".")[1]] = value
answer["licence"] = "MIT and CC BY 4.0"
answer["use"]["not_for"] = "anything else"
check("mend", answer)

# %% tags=["wrong"]
# says: what does the dot stand for
answer = broken_card() | record()
answer["licence"] = "MIT and CC BY 4.0"
check("mend", answer)

# %% tags=["wrong"]
# says: what did broken_card() return
answer = list(record().items())
check("mend", answer)

# %% tags=["alternative"]
from internlab.practice.handover import cards, digits

answer = cards.model_card(record(), digits.STATED)
check("mend", answer)

# %% [markdown]
# The receiver named two faults at once, and two more, one after the other, when those were gone. The last
# one, a flattering metric, it could never find: it was well-formed. Only the record knows better. That is
# why a card is filled from the record, and why whoever receives a card asks for it.
#
# ## What you did
#
# You took one reading and made it a number, a sentence and a test. You prepared pixels by a card, gave a
# metric its interval, sorted options by what they cost, and mended a card. The worked answers are in
# [solutions](../solutions/06_hand_it_over.ipynb).
