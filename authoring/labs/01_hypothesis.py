# ---
# title: Hypothesis before result
# minutes: 60
# passages: [kb-baseline-gap-loop, kb-experiment-notes, kb-lesson-learned]
# smoke_seconds: 15
# ---
# %% [markdown]
# # Lab 01 · Hypothesis before result
#
# *60 minutes. Eight exercises, after [lesson 01](../notebooks/01_hypothesis.ipynb).*
#
# Write your answer in place of the `...`, run the cell, and read the line under it. `hint("brier", 1)` gives
# a nudge, higher numbers give more.

# %%
from internlab import passages

passages.card("kb-baseline-gap-loop", "kb-experiment-notes", "kb-lesson-learned")

# %%
import hashlib
import json
from itertools import permutations

import numpy as np
import pandas as pd

from internlab import notebook_ui as ui
from internlab.practice.exercises.calibration import check, hint
from internlab.practice.exercises.calibration_given import measure

# %% [markdown]
# ## 1 · The Brier score
#
# `probabilities` are forecasts of yes and `outcomes` what happened, 1 for yes and 0 for no; both are arrays of
# shape (N,). Return the Brier score as lesson 01 has it: 0 is perfect, and one half each time gives 0.25.


# %%
def brier(probabilities, outcomes):
    ### BEGIN SOLUTION
    return np.mean((probabilities - outcomes) ** 2)
    ### END SOLUTION


check("brier", brier)

# %%
# hint("brier", 1)


# %% tags=["wrong"]
# says: what makes honesty pay
def brier(probabilities, outcomes):
    return np.abs(probabilities - outcomes).mean()


check("brier", brier)


# %% tags=["wrong"]
# says: for twice as many questions
def brier(probabilities, outcomes):
    return np.sum((probabilities - outcomes) ** 2)


check("brier", brier)


# %% tags=["wrong"]
# says: is the root of it
def brier(probabilities, outcomes):
    return np.sqrt(np.mean((probabilities - outcomes) ** 2))


check("brier", brier)


# %% tags=["wrong"]
# says: whose sum runs over yes and no
def brier(probabilities, outcomes):
    no = (1 - probabilities) - (1 - outcomes)
    return np.mean((probabilities - outcomes) ** 2 + no**2)


check("brier", brier)


# %% tags=["wrong"]
# says: whether somebody wrote 51 % or 99 %
def brier(probabilities, outcomes):
    return np.mean((probabilities > 0.5) != outcomes)


check("brier", brier)


# %% tags=["wrong"]
# says: is the log score
def brier(probabilities, outcomes):
    return -np.mean(np.log(np.where(outcomes == 1, probabilities, 1 - probabilities)))


check("brier", brier)


# %% tags=["wrong"]
# says: the square or the mean
def brier(probabilities, outcomes):
    return np.mean(probabilities - outcomes) ** 2


check("brier", brier)


# %% tags=["wrong"]
# says: where are the outcomes
def brier(probabilities, outcomes):
    return np.mean(probabilities * (1 - probabilities))


check("brier", brier)


# %% tags=["alternative"]
def brier(probabilities, outcomes):
    return sum((1 - p) ** 2 if o else p**2 for p, o in zip(probabilities, outcomes)) / len(outcomes)


check("brier", brier)


# %% tags=["alternative"]
def brier(probabilities, outcomes):
    from sklearn.metrics import brier_score_loss

    return brier_score_loss(outcomes, probabilities)


check("brier", brier)

# %% [markdown]
# ## 2 · What should you write down?
#
# A colleague proposes another score. `cost(p, outcome)` is what a forecast p costs when the outcome is 1 (yes)
# or 0 (no). You *believe* in yes with probability `belief`. Return the p between 0 and 1 that you should write
# down if you want to pay as little as possible on average. A grid of steps of 0.01 is fine enough.
#
# If that is not your belief, the score pays you for saying something else than you think.


# %%
def write_down(cost, belief):
    ### BEGIN SOLUTION
    grid = np.linspace(0, 1, 1001)
    expected = [belief * cost(p, 1) + (1 - belief) * cost(p, 0) for p in grid]
    return grid[np.argmin(expected)]
    ### END SOLUTION


check("write_down", write_down)

# %%
# hint("write_down", 1)


# %% tags=["wrong"]
# says: Yours is the belief itself
def write_down(cost, belief):
    return belief


check("write_down", write_down)


# %% tags=["wrong"]
# says: Yours is an end of the range
def write_down(cost, belief):
    grid = np.linspace(0, 1, 1001)
    return grid[np.argmin([cost(p, 1) for p in grid])]


check("write_down", write_down)


# %% tags=["wrong"]
# says: Yours is what it costs there
def write_down(cost, belief):
    grid = np.linspace(0, 1, 1001)
    return min(belief * cost(p, 1) + (1 - belief) * cost(p, 0) for p in grid)


check("write_down", write_down)


# %% tags=["wrong"]
# says: which of the two costs has the weight belief
def write_down(cost, belief):
    grid = np.linspace(0, 1, 1001)
    return grid[np.argmin([(1 - belief) * cost(p, 1) + belief * cost(p, 0) for p in grid])]


check("write_down", write_down)


# %% tags=["wrong"]
# says: What is a probability between
def write_down(cost, belief):
    grid = np.linspace(0, 1, 1001)
    return np.argmin([belief * cost(p, 1) + (1 - belief) * cost(p, 0) for p in grid])


check("write_down", write_down)


# %% tags=["alternative"]
def write_down(cost, belief):
    from scipy.optimize import minimize_scalar

    def expected(p):
        return belief * cost(p, 1) + (1 - belief) * cost(p, 0)

    return minimize_scalar(expected, bounds=(0, 1), method="bounded").x


check("write_down", write_down)

# %% [markdown]
# ## 3 · Three parts of a score
#
# `forecasts` (N,) hold a few distinct values, such as 0.2 and 0.4, and `outcomes` (N,) are 0 or 1. Return
# `(reliability, resolution, uncertainty)`. With $n_k$ questions that were given the forecast $f_k$, of which
# the share $\bar o_k$ was yes, and $\bar o$ the share of yes over all N:
#
# $$\text{reliability} = \frac1N \sum_k n_k (f_k - \bar o_k)^2, \qquad
# \text{resolution} = \frac1N \sum_k n_k (\bar o_k - \bar o)^2, \qquad
# \text{uncertainty} = \bar o (1 - \bar o)$$


# %%
def murphy(forecasts, outcomes):
    ### BEGIN SOLUTION
    overall = outcomes.mean()
    reliability = resolution = 0
    for forecast in np.unique(forecasts):
        here = forecasts == forecast
        share = outcomes[here].mean()
        reliability += here.mean() * (forecast - share) ** 2
        resolution += here.mean() * (share - overall) ** 2
    return reliability, resolution, overall * (1 - overall)
    ### END SOLUTION


check("murphy", murphy)

# %%
# hint("murphy", 1)


# %% tags=["wrong"]
# says: counts every group alike
def murphy(forecasts, outcomes):
    values, overall = np.unique(forecasts), outcomes.mean()
    share = np.array([outcomes[forecasts == value].mean() for value in values])
    return np.mean((values - share) ** 2), np.mean((share - overall) ** 2), overall * (1 - overall)


check("murphy", murphy)


# %% tags=["wrong"]
# says: which of them compares a group with its own forecast
def murphy(forecasts, outcomes):
    share = pd.Series(outcomes).groupby(forecasts).transform("mean")
    overall = outcomes.mean()
    return np.mean((share - overall) ** 2), np.mean((forecasts - share) ** 2), outcomes.var()


check("murphy", murphy)


# %% tags=["wrong"]
# says: is the whole Brier score
def murphy(forecasts, outcomes):
    share = pd.Series(outcomes).groupby(forecasts).transform("mean")
    overall = outcomes.mean()
    return np.mean((forecasts - outcomes) ** 2), np.mean((share - overall) ** 2), outcomes.var()


check("murphy", murphy)


# %% tags=["wrong"]
# says: Somebody who only looks bold
def murphy(forecasts, outcomes):
    share = pd.Series(outcomes).groupby(forecasts).transform("mean")
    overall = outcomes.mean()
    return np.mean((forecasts - share) ** 2), np.mean((forecasts - overall) ** 2), outcomes.var()


check("murphy", murphy)


# %% tags=["wrong"]
# says: is a standard deviation
def murphy(forecasts, outcomes):
    share = pd.Series(outcomes).groupby(forecasts).transform("mean")
    overall = outcomes.mean()
    return np.mean((forecasts - share) ** 2), np.mean((share - overall) ** 2), outcomes.std()


check("murphy", murphy)


# %% tags=["wrong"]
# says: without the square
def murphy(forecasts, outcomes):
    share = pd.Series(outcomes).groupby(forecasts).transform("mean")
    overall = outcomes.mean()
    return np.mean(abs(forecasts - share)), np.mean(abs(share - overall)), outcomes.var()


check("murphy", murphy)


# %% tags=["wrong"]
# says: which of the three is missing
def murphy(forecasts, outcomes):
    share = pd.Series(outcomes).groupby(forecasts).transform("mean")
    return np.mean((forecasts - share) ** 2), np.mean((share - outcomes.mean()) ** 2)


check("murphy", murphy)


# %% tags=["alternative"]
def murphy(forecasts, outcomes):
    share = pd.Series(outcomes).groupby(forecasts).transform("mean")
    return [np.mean((forecasts - share) ** 2), share.var(ddof=0), outcomes.var()]


check("murphy", murphy)

# %% [markdown]
# ## 4 · The gap, shared out
#
# `score(oracles)` gives the accuracy when the parts in the set `oracles` are replaced by their oracles, such as
# `score(set())` for the baseline and `score({"data", "model"})`. `parts` names all of them. Return a dictionary
# from part to gain: the mean of what the part gains over **every order** in which the parts can be replaced one
# after the other. These gains add up to the whole gap.


# %%
def causes(score, parts):
    ### BEGIN SOLUTION
    orders = list(permutations(parts))
    gains = dict.fromkeys(parts, 0)
    for order in orders:
        done = set()
        for part in order:
            gains[part] += (score(done | {part}) - score(done)) / len(orders)
            done = done | {part}
    return gains
    ### END SOLUTION


check("causes", causes)

# %%
# hint("causes", 1)


# %% tags=["wrong"]
# says: when it is replaced first
def causes(score, parts):
    return {part: score({part}) - score(set()) for part in parts}


check("causes", causes)


# %% tags=["wrong"]
# says: when it is replaced last
def causes(score, parts):
    return {part: score(set(parts)) - score(set(parts) - {part}) for part in parts}


check("causes", causes)


# %% tags=["wrong"]
# says: With three parts there is a place between
def causes(score, parts):
    everything = set(parts)
    return {
        part: (score({part}) - score(set()) + score(everything) - score(everything - {part})) / 2
        for part in parts
    }


check("causes", causes)


# %% tags=["wrong"]
# says: stretched until the sum fits
def causes(score, parts):
    gains = {part: score({part}) - score(set()) for part in parts}
    total = score(set(parts)) - score(set())
    return {part: gain * total / sum(gains.values()) for part, gain in gains.items()}


check("causes", causes)


# %% tags=["wrong"]
# says: is of a single order
def causes(score, parts):
    done, gains = set(), {}
    for part in parts:
        gains[part] = score(done | {part}) - score(done)
        done = done | {part}
    return gains


check("causes", causes)


# %% tags=["wrong"]
# says: How many are there
def causes(score, parts):
    gains = dict.fromkeys(parts, 0)
    for order in permutations(parts):
        for place, part in enumerate(order):
            done = set(order[:place])
            gains[part] += score(done | {part}) - score(done)
    return gains


check("causes", causes)


# %% tags=["wrong"]
# says: In how many orders do just these parts come before it
def causes(score, parts):
    gains = {}
    for part in parts:
        first, second = (other for other in parts if other != part)
        sets = [set(), {first}, {second}, {first, second}]
        gains[part] = np.mean([score(each | {part}) - score(each) for each in sets])
    return gains


check("causes", causes)


# %% tags=["wrong"]
# says: which gain is of which part
def causes(score, parts):
    return [score({part}) - score(set()) for part in parts]


check("causes", causes)


# %% tags=["alternative"]
def causes(score, parts):
    rows = []
    for order in permutations(parts):
        at = [score(set(order[:place])) for place in range(len(order) + 1)]
        rows.append(dict(zip(order, np.diff(at))))
    return pd.DataFrame(rows).mean()


check("causes", causes)

# %% [markdown]
# ## 5 · Seal a sheet
#
# `forecasts` is a dictionary from the name of a question to a probability. Return a **seal**: a text of at least
# eight characters that is the same for the same forecasts, in whatever order they stand, and another one if
# anything is changed: a forecast by a little, whose forecast it is, which questions there are. A colleague must
# get the same seal tomorrow. The modules `json` and `hashlib` are imported.


# %%
def seal(forecasts):
    ### BEGIN SOLUTION
    text = json.dumps(forecasts, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()
    ### END SOLUTION


check("seal", seal)

# %%
# hint("seal", 1)


# %% tags=["wrong"]
# says: Is the order of a dictionary part of what was promised
def seal(forecasts):
    return hashlib.sha256(str(forecasts).encode()).hexdigest()


check("seal", seal)


# %% tags=["wrong"]
# says: does your text say whose number it is
def seal(forecasts):
    return hashlib.sha256(str(sorted(forecasts.values())).encode()).hexdigest()


check("seal", seal)


# %% tags=["wrong"]
# says: would a colleague get the same tomorrow
def seal(forecasts):
    return hash(tuple(sorted(forecasts.items())))


check("seal", seal)


# %% tags=["wrong"]
# says: which is another one for the same text in every process
def seal(forecasts):
    return f"{hash(str(sorted(forecasts.items()))):x}".zfill(17)


check("seal", seal)


# %% tags=["wrong"]
# says: where does it get rounded
def seal(forecasts):
    text = ",".join(f"{name}={p:.2f}" for name, p in sorted(forecasts.items()))
    return hashlib.sha256(text.encode()).hexdigest()


check("seal", seal)


# %% tags=["wrong"]
# says: With what could anybody compare it later
def seal(forecasts):
    salt = np.random.default_rng().integers(1_000_000_000)
    return hashlib.sha256(f"{salt}{sorted(forecasts.items())}".encode()).hexdigest()


check("seal", seal)


# %% tags=["wrong"]
# says: what has hexdigest()
def seal(forecasts):
    return hashlib.sha256(json.dumps(forecasts, sort_keys=True).encode())


check("seal", seal)


# %% tags=["wrong"]
# says: what of a question is in your text
def seal(forecasts):
    values = [forecasts[name] for name in sorted(forecasts)]
    return hashlib.sha256(str(values).encode()).hexdigest()


check("seal", seal)


# %% tags=["wrong"]
# says: how many sheets would share one by chance
def seal(forecasts):
    return hashlib.sha256(json.dumps(forecasts, sort_keys=True).encode()).hexdigest()[:2]


check("seal", seal)


# %% tags=["alternative"]
def seal(forecasts):
    text = ";".join(f"{name}:{forecasts[name]!r}" for name in sorted(forecasts))
    return hashlib.md5(text.encode("utf-8")).digest()


check("seal", seal)

# %% [markdown]
# ## 6 · A guard against a leak
#
# In `coin-labels` columns were chosen with the test in sight. Write the guard. `choose(rows, labels, train)`
# returns the numbers of the columns that go best with the labels. `rows` has shape (N, D), `labels` (N,) holds 0
# and 1, and `train` (N,) is True for the training rows; the others are the test. Return True if the choice does
# not depend on the test rows in any way, else False. `assert blind(choose, rows, labels, train)` is then the
# guard test.
#
# Your guard is tried on code that keeps the rule and on code that breaks it. There is more than one way to
# break it, and more than one right choice.


# %%
def blind(choose, rows, labels, train):
    ### BEGIN SOLUTION
    rng = np.random.default_rng(0)
    other, flipped = rows.copy(), np.where(train, labels, 1 - labels)
    other[~train] = 100 * rng.normal(size=other[~train].shape)
    return np.array_equal(choose(rows, labels, train), choose(other, flipped, train))
    ### END SOLUTION


check("blind", blind)

# %%
# hint("blind", 1)


# %% tags=["wrong"]
# says: what is different for it between the calls that you compare
def blind(choose, rows, labels, train):
    return np.array_equal(choose(rows, labels, train), choose(rows, labels, train))


check("blind", blind)


# %% tags=["wrong"]
# says: do the test rows as a whole hold other values
def blind(choose, rows, labels, train):
    flipped = np.where(train, labels, 1 - labels)
    return np.array_equal(choose(rows, labels, train), choose(rows, flipped, train))


check("blind", blind)


# %% tags=["wrong"]
# says: did something of the training change between your calls
def blind(choose, rows, labels, train):
    other = np.random.default_rng(0).normal(size=rows.shape)
    return np.array_equal(choose(rows, labels, train), choose(other, labels, train))


check("blind", blind)


# %% tags=["wrong"]
# says: which columns are right is not the question
def blind(choose, rows, labels, train):
    x, y = rows[train], labels[train]
    right = np.abs([np.corrcoef(column, y)[0, 1] for column in x.T]).argsort()[::-1]
    columns = choose(rows, labels, train)
    return np.array_equal(columns, right[: len(columns)])


check("blind", blind)


# %% tags=["wrong"]
# says: what does `assert` do with an array
def blind(choose, rows, labels, train):
    return choose(rows, labels, train) == choose(100 * rows, labels, train)


check("blind", blind)


# %% tags=["alternative"]
def blind(choose, rows, labels, train):
    alone = choose(rows[train], labels[train], np.ones(train.sum(), dtype=bool))
    return set(alone) == set(choose(rows, labels, train))


check("blind", blind)

# %% [markdown]
# ## 7 · A guard against company
#
# A network with batch normalisation (배치 정규화) that is left in training mode scales each image by the mean
# and spread of the batch it comes in. Its answer then depends on the *other* images. `predict(images)` returns
# the probabilities (N, K) for images (N, D). Return True if every image gets the answer that it gets in any other
# company, else False.
#
# In float32 the same image may come out different by a millionth in another batch. That is no fault.


# %%
def alone(predict, images):
    ### BEGIN SOLUTION
    one_by_one = np.concatenate([predict(images[i : i + 1]) for i in range(len(images))])
    return np.allclose(one_by_one, predict(images), atol=1e-4)
    ### END SOLUTION


check("alone", alone)

# %%
# hint("alone", 1)


# %% tags=["wrong"]
# says: how equal must two floats be
def alone(predict, images):
    one_by_one = np.concatenate([predict(images[i : i + 1]) for i in range(len(images))])
    return np.array_equal(one_by_one, predict(images))


check("alone", alone)


# %% tags=["wrong"]
# says: in whose company was an image asked for the second time
def alone(predict, images):
    return np.allclose(predict(images)[::-1], predict(images[::-1]), atol=1e-4)


check("alone", alone)


# %% tags=["wrong"]
# says: was the first image another one in your second call
def alone(predict, images):
    half = len(images) // 2
    return np.allclose(predict(images)[:half], predict(images[:half]), atol=1e-4)


check("alone", alone)


# %% tags=["wrong"]
# says: do the two calls that you compare hold the same images
def alone(predict, images):
    half = len(images) // 2
    return np.allclose(predict(images[:half]), predict(images[half:]), atol=1e-4)


check("alone", alone)


# %% tags=["alternative"]
def alone(predict, images):
    together = predict(images)
    for i, image in enumerate(images):
        strangers = np.full((5, len(image)), 7.0)
        in_other_company = predict(np.vstack([strangers, image]))[-1]
        if np.abs(in_other_company - together[i]).max() > 1e-3:
            return False
    return True


check("alone", alone)

# %% [markdown]
# ## 8 · A refused idea, in another state
#
# In lesson 01 it did harm to drop suspicious labels when there were ten images of each digit. With twenty,
# perhaps it helps. **Write your expectation on paper first, in points of accuracy.** Then measure.

# %%
ui.show_source(measure)

# %% [markdown]
# The study is fixed before you measure: seeds 0 to 11. Answer with a dictionary:
#
# - `differences`: from each of these seeds to accuracy with dropping minus without;
# - `conclusion`: `"helps"` if the mean difference lies above zero by more than two standard errors, `"costs"` if
#   it lies below zero by more than two, else `"cannot tell"`. The standard error is the standard deviation of
#   the differences, with `ddof=1`, over the square root of their number.

# %%
### BEGIN SOLUTION
differences = {}
for seed in range(12):
    dropped, kept = measure(seed)
    differences[seed] = dropped - kept
values = np.array(list(differences.values()))
error = values.std(ddof=1) / np.sqrt(len(values))
conclusion = "cannot tell"
if abs(values.mean()) > 2 * error:
    conclusion = "helps" if values.mean() > 0 else "costs"
answer = {"differences": differences, "conclusion": conclusion}
### END SOLUTION
check("suspects", answer)

# %%
# hint("suspects", 1)

# %% tags=["wrong"]
# says: would you have stopped there
three = {seed: measure(seed)[0] - measure(seed)[1] for seed in range(3)}
answer = {"differences": three, "conclusion": "helps"}
check("suspects", answer)

# %% tags=["wrong"]
# says: on which side of zero is the mean
twelve = {seed: measure(seed)[0] - measure(seed)[1] for seed in range(12)}
answer = {"differences": twelve, "conclusion": "helps"}
check("suspects", answer)

# %% tags=["wrong"]
# says: Compared with what
answer = {"differences": {seed: measure(seed)[0] for seed in range(12)}, "conclusion": "helps"}
check("suspects", answer)

# %% tags=["wrong"]
# says: which is taken from which
turned = {seed: measure(seed)[1] - measure(seed)[0] for seed in range(12)}
answer = {"differences": turned, "conclusion": "cannot tell"}
check("suspects", answer)

# %% tags=["wrong"]
# says: were they left out after you had seen them
picked = {seed: measure(seed)[0] - measure(seed)[1] for seed in (0, 1, 4, 7)}
answer = {"differences": picked, "conclusion": "helps"}
check("suspects", answer)

# %% tags=["wrong"]
# says: did you turn shares into points
points = {seed: 100 * each for seed, each in twelve.items()}
answer = {"differences": points, "conclusion": "cannot tell"}
check("suspects", answer)

# %% tags=["alternative"]
both = pd.DataFrame([measure(seed) for seed in range(12)], columns=["dropped", "kept"])
answer = {"conclusion": "cannot tell", "differences": both["dropped"] - both["kept"]}
check("suspects", answer)

# %% [markdown]
# Apply the rule to the first three seeds alone: what would you have reported, had you stopped there? Was your
# expectation on paper nearer to three seeds or to twelve?
#
# ## What you did
#
# You scored forecasts by a score that rewards honesty, and saw one that does not; you split a score and a gap
# into parts that add up; you sealed a sheet; and your two guards caught faults that you had not seen. The
# worked answers are in [solutions](../solutions/01_hypothesis.ipynb).
