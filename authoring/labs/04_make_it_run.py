# ---
# title: Make someone else's code run (lab)
# minutes: 60
# passages: [msj-run-others-code, nrc-docker-environments]
# smoke_seconds: 15
# ---
# %% [markdown]
# # Lab 04 · Make someone else's code run
#
# *60 minutes. You need: [lesson 04](../notebooks/04_make_it_run.ipynb).*
#
# The lesson repaired one repository. Here are the same skills on other material: read an error, see which
# version is open, find an encoding, subtract bytes, evaluate a network and leave it as it was, find the
# commit that broke a number, count what a change costs in Docker, and diagnose five programs by experiment.
# Replace each `...`, run the cell, and read the line that `check()` prints. The exercises do not depend on
# each other.

# %%
import re
from bisect import bisect_left

import numpy as np
import torch

from internlab import notebook_ui as ui
from internlab import passages
from internlab.practice.exercises.repair import check, hint

passages.card("msj-run-others-code", "nrc-docker-environments")

# %% [markdown]
# ## 1 · Where to begin
#
# `text` is a traceback and `folder` the repository's folder. Return file and line number of the place to
# begin: the *last* call in it that is in the repository's own code. A file in a `site-packages` is not,
# wherever that lies. The file is returned as the traceback has it.
#
# ```
# Traceback (most recent call last):
#   File "/home/sora/shift/train.py", line 40, in step
#     value = step(value)
#   File "/usr/lib/python3/site-packages/numpy/_core/fromnumeric.py", line 88, in step
#     value = step(value)
# ValueError: cannot read ...
# ```


# %%
def own_line(text, folder):
    ### BEGIN SOLUTION
    calls = re.findall(r'^  File "(.+)", line (\d+)', text, re.MULTILINE)
    own = [
        (file, int(line))
        for file, line in calls
        if file.startswith(folder + "/") and "/site-packages/" not in file
    ]
    return own[-1]
    ### END SOLUTION


check("own_line", own_line)

# %%
# hint("own_line", 1)


# %% tags=["wrong"]
# says: which line of the repository called it
def own_line(text, folder):
    file, line = re.findall(r'^  File "(.+)", line (\d+)', text, re.MULTILINE)[-1]
    return file, int(line)


check("own_line", own_line)


# %% tags=["wrong"]
# says: which of the two is nearer to the error
def own_line(text, folder):
    file, line = re.findall(r'^  File "(.+)", line (\d+)', text, re.MULTILINE)[0]
    return file, int(line)


check("own_line", own_line)


# %% tags=["wrong"]
# says: who wrote that file
def own_line(text, folder):
    calls = re.findall(r'^  File "(.+)", line (\d+)', text, re.MULTILINE)
    file, line = [call for call in calls if call[0].startswith(folder + "/")][-1]
    return file, int(line)


check("own_line", own_line)


# %% tags=["wrong"]
# says: where does a folder's name end
def own_line(text, folder):
    calls = re.findall(r'^  File "(.+)", line (\d+)', text, re.MULTILINE)
    own = [call for call in calls if folder in call[0] and "site-packages" not in call[0]]
    return own[-1][0], int(own[-1][1])


check("own_line", own_line)


# %% tags=["wrong"]
# says: what turns it into one
def own_line(text, folder):
    calls = re.findall(r'^  File "(.+)", line (\d+)', text, re.MULTILINE)
    own = [c for c in calls if c[0].startswith(folder + "/") and "site-packages" not in c[0]]
    return own[-1]


check("own_line", own_line)


# %% tags=["wrong"]
# says: which of its lines begin with File
def own_line(text, folder):
    file, line = re.findall(r'File "(.+)", line (\d+)', text)[-1]
    return file, int(line)


check("own_line", own_line)


# %% tags=["wrong"]
# says: where does the name begin
def own_line(text, folder):
    calls = re.findall(r'^  File "(.+)", line (\d+)', text, re.MULTILINE)
    own = [c for c in calls if c[0].startswith(folder + "/") and "site-packages" not in c[0]]
    return own[-1][0].removeprefix(folder + "/"), int(own[-1][1])


check("own_line", own_line)


# %% tags=["alternative"]
def own_line(text, folder):
    for line in reversed(text.splitlines()):
        if line.startswith('  File "' + folder + "/") and "/site-packages/" not in line:
            return line.split('"')[1], int(line.split(", line ")[1].split(",")[0])


check("own_line", own_line)

# %% [markdown]
# ## 2 · What is open
#
# `text` is a `requirements.txt`. Return the names of the packages whose version is left open: those for which
# the same line may give another version next year. What stands after a `#` is a comment. `~=1.2.0` means
# *1.2.0 or a later 1.2*, and `==1.2.*` any 1.2.


# %%
def open_lines(text):
    ### BEGIN SOLUTION
    names = []
    for line in text.splitlines():
        line = line.split("#")[0].strip()
        if line and not ("==" in line and "*" not in line):
            names.append(re.match(r"[\w-]+", line).group())
    return names
    ### END SOLUTION


check("open_lines", open_lines)

# %%
# hint("open_lines", 1)


# %% tags=["wrong"]
# says: names no version at all
def open_lines(text):
    lines = [line.split("#")[0].strip() for line in text.splitlines()]
    return [re.match(r"[\w-]+", line).group() for line in lines if re.search("[<>~*]", line)]


check("open_lines", open_lines)


# %% tags=["wrong"]
# says: what does the star stand for
def open_lines(text):
    lines = [line.split("#")[0].strip() for line in text.splitlines()]
    return [re.match(r"[\w-]+", line).group() for line in lines if line and "==" not in line]


check("open_lines", open_lines)


# %% tags=["wrong"]
# says: does it name exactly one
def open_lines(text):
    lines = [line.split("#")[0].strip() for line in text.splitlines()]
    closed = re.compile("==[^*]*$|~=")
    return [re.match(r"[\w-]+", line).group() for line in lines if line and not closed.search(line)]


check("open_lines", open_lines)


# %% tags=["wrong"]
# says: what of the small ones below it
def open_lines(text):
    lines = [line.split("#")[0].strip() for line in text.splitlines()]
    closed = re.compile("==[^*]*$|<")
    return [re.match(r"[\w-]+", line).group() for line in lines if line and not closed.search(line)]


check("open_lines", open_lines)


# %% tags=["wrong"]
# says: what does # mean
def open_lines(text):
    lines = [line.strip("# ") for line in text.splitlines() if line]
    return [re.match(r"[\w-]+", line).group() for line in lines if not re.search("==[^*]*$", line)]


check("open_lines", open_lines)


# %% tags=["wrong"]
# says: what did you look for in the line
def open_lines(text):
    lines = [line.split("#")[0].strip() for line in text.splitlines()]
    return [
        re.match(r"[\w-]+", line).group()
        for line in lines
        if line and not re.fullmatch(r"[\w-]+==[\d.]+", line)
    ]


check("open_lines", open_lines)


# %% tags=["wrong"]
# says: where does the name of it end
def open_lines(text):
    lines = [line.split("#")[0].strip() for line in text.splitlines()]
    return [line for line in lines if line and ("==" not in line or "*" in line)]


check("open_lines", open_lines)


# %% tags=["alternative"]
def open_lines(text):
    from packaging.requirements import Requirement

    found = set()
    for line in filter(None, (line.split("#")[0].strip() for line in text.splitlines())):
        requirement = Requirement(line)
        exact = [s for s in requirement.specifier if s.operator == "==" and "*" not in s.version]
        if not exact:
            found.add(requirement.name)
    return found


check("open_lines", open_lines)

# %% [markdown]
# ## 3 · Which encoding
#
# `raw` are the bytes of a CSV file from a Korean office: UTF-8 (as Excel writes it, with a mark in front, or
# without), cp949, or UTF-16. `columns` are the names that its first line must have. Return the text. If no
# encoding gives these columns, raise a `ValueError`: a guess that reads wrong is worse than none.


# %%
def read_text(raw, columns):
    ### BEGIN SOLUTION
    for encoding in ("utf-8-sig", "cp949", "utf-16"):
        try:
            text = raw.decode(encoding)
        except UnicodeDecodeError:
            continue
        if text.splitlines()[0].split(",") == columns:
            break
    else:
        raise ValueError("the columns are not those, in any encoding that was tried")
    return text
    ### END SOLUTION


check("read_text", read_text)

# %%
# hint("read_text", 1)


# %% tags=["wrong"]
# says: how do you know that the encoding is the right one
def read_text(raw, columns):
    return raw.decode("latin-1")


check("read_text", read_text)


# %% tags=["wrong"]
# says: your code raised UnicodeDecodeError
def read_text(raw, columns):
    return raw.decode("utf-8")


check("read_text", read_text)


# %% tags=["wrong"]
# says: what became of the bytes that could not be read
def read_text(raw, columns):
    return raw.decode("utf-8", errors="ignore")


check("read_text", read_text)


# %% tags=["wrong"]
# says: Which encoding takes the mark away
def read_text(raw, columns):
    for encoding in ("utf-8", "cp949", "utf-16"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            pass


check("read_text", read_text)


# %% tags=["wrong"]
# says: what will the caller do with that text
def read_text(raw, columns):
    for encoding in ("utf-8-sig", "cp949", "utf-16"):
        try:
            text = raw.decode(encoding)
        except UnicodeDecodeError:
            continue
        if text.splitlines()[0].split(",") == columns:
            return text
    return ""


check("read_text", read_text)


# %% tags=["wrong"]
# says: which one tells the caller that the file is the fault
def read_text(raw, columns):
    texts = []
    for encoding in ("utf-8-sig", "cp949", "utf-16"):
        try:
            texts.append(raw.decode(encoding))
        except UnicodeDecodeError:
            pass
    fitting = [text for text in texts if text.splitlines()[0].split(",") == columns]
    return fitting[0]


check("read_text", read_text)


# %% tags=["alternative"]
def read_text(raw, columns):
    header = ",".join(columns)
    for encoding in ("utf-16", "cp949", "utf-8"):
        text = raw.decode(encoding, errors="replace").lstrip("\ufeff")
        if text.startswith(header + "\n"):
            return text
    raise ValueError(header)


check("read_text", read_text)

# %% [markdown]
# ## 4 · Subtract bytes
#
# `a` and `b` are two images of type `uint8` and of equal shape. Return the mean of the absolute differences
# of their pixels, in units of the pixels (0 to 255).


# %%
def difference(a, b):
    ### BEGIN SOLUTION
    return np.abs(a.astype(float) - b).mean()
    ### END SOLUTION


check("difference", difference)

# %%
# hint("difference", 1)


# %% tags=["wrong"]
# says: 3 - 5 in uint8 is 254
def difference(a, b):
    return np.abs(a - b).mean()


check("difference", difference)


# %% tags=["wrong"]
# says: where is the absolute value
def difference(a, b):
    return (a.astype(float) - b).mean()


check("difference", difference)


# %% tags=["wrong"]
# says: int8 ends at 127
def difference(a, b):
    return np.abs(a.astype(np.int8) - b.astype(np.int8)).mean()


check("difference", difference)


# %% tags=["wrong"]
# says: has the type that you add up in
def difference(a, b):
    total = np.abs(a.astype(np.float16) - b).sum(dtype=np.float16)
    return total / np.float16(a.size)


check("difference", difference)


# %% tags=["wrong"]
# says: that squares the differences
def difference(a, b):
    return np.sqrt(((a.astype(float) - b) ** 2).mean())


check("difference", difference)


# %% tags=["wrong"]
# says: in which units are the pixels
def difference(a, b):
    return np.abs(a / 255 - b / 255).mean()


check("difference", difference)


# %% tags=["wrong"]
# says: is a sum or a mean missing
def difference(a, b):
    return np.abs(a.astype(int) - b)


check("difference", difference)


# %% tags=["alternative"]
def difference(a, b):
    return (np.maximum(a, b) - np.minimum(a, b)).mean()


check("difference", difference)


# %% tags=["alternative"]
def difference(a, b):
    return torch.tensor(a).sub(torch.tensor(b).float()).abs().mean()


check("difference", difference)

# %% [markdown]
# ## 5 · Predict, and leave it as it was
#
# `network` is a PyTorch network with batch normalisation (BatchNorm, 배치 정규화) and dropout, `images` a batch
# (N, 6). Return the logits as the network gives them *in evaluation mode*. Afterwards the network must be
# as it came: each of its modules in the mode that it was in. (Someone may have frozen a part of it, which
# is then in evaluation mode while the rest trains.)


# %%
def predict(network, images):
    ### BEGIN SOLUTION
    modes = [(module, module.training) for module in network.modules()]
    network.eval()
    with torch.no_grad():
        logits = network(images)
    for module, mode in modes:
        module.training = mode
    return logits
    ### END SOLUTION


check("predict", predict)

# %%
# hint("predict", 1)


# %% tags=["wrong"]
# says: which module is still drawing at random
def predict(network, images):
    return network(images)


check("predict", predict)


# %% tags=["wrong"]
# says: no_grad keeps no gradients
def predict(network, images):
    with torch.no_grad():
        return network(images)


check("predict", predict)


# %% tags=["wrong"]
# says: what will the next epoch of training do without dropout
def predict(network, images):
    network.eval()
    with torch.no_grad():
        return network(images)


check("predict", predict)


# %% tags=["wrong"]
# says: how do you know in which of the two it was
def predict(network, images):
    network.eval()
    with torch.no_grad():
        logits = network(images)
    network.train()
    return logits


check("predict", predict)


# %% tags=["wrong"]
# says: one fact of the network, or one of each module
def predict(network, images):
    before = network.training
    network.eval()
    with torch.no_grad():
        logits = network(images)
    network.train(before)
    return logits


check("predict", predict)


# %% tags=["wrong"]
# says: what was taken away
def predict(network, images):
    network.eval()
    return network(images).argmax(dim=1)


check("predict", predict)


# %% tags=["wrong"]
# says: what tells BatchNorm not to learn
def predict(network, images):
    dropouts = [module for module in network.modules() if "Dropout" in str(type(module))]
    modes = [module.training for module in dropouts]
    for module in dropouts:
        module.eval()
    logits = network(images)
    for module, mode in zip(dropouts, modes):
        module.train(mode)
    return logits


check("predict", predict)


# %% tags=["alternative"]
def predict(network, images):
    import copy

    return copy.deepcopy(network).eval()(images).detach().numpy()


check("predict", predict)

# %% [markdown]
# ## 6 · The commit that broke it
#
# `commits` is a list, the oldest first. At the first the number was right, at the last it is wrong, and once
# wrong it stayed wrong. `is_bad(commit)` checks the commit out, trains, and says whether the number is wrong;
# each call costs an hour. Return the first bad commit, with as few calls as halving needs (`git bisect` does
# it so).


# %%
def first_bad(commits, is_bad):
    ### BEGIN SOLUTION
    good, bad = 0, len(commits) - 1
    while bad - good > 1:
        middle = (good + bad) // 2
        if is_bad(commits[middle]):
            bad = middle
        else:
            good = middle
    return commits[bad]
    ### END SOLUTION


check("first_bad", first_bad)

# %%
# hint("first_bad", 1)


# %% tags=["wrong"]
# says: how many are left after each
def first_bad(commits, is_bad):
    return next(commit for commit in commits if is_bad(commit))


check("first_bad", first_bad)


# %% tags=["wrong"]
# says: which one comes after it
def first_bad(commits, is_bad):
    good, bad = 0, len(commits) - 1
    while bad - good > 1:
        middle = (good + bad) // 2
        good, bad = (good, middle) if is_bad(commits[middle]) else (middle, bad)
    return commits[good]


check("first_bad", first_bad)


# %% tags=["wrong"]
# says: what stands at that place of the list
def first_bad(commits, is_bad):
    return bisect_left(commits, True, key=is_bad)


check("first_bad", first_bad)


# %% tags=["wrong"]
# says: what do you know of both ends of the range
def first_bad(commits, is_bad):
    good, bad = 0, len(commits) - 1
    while bad - good > 3:
        middle = (good + bad) // 2
        good, bad = (good, middle) if is_bad(commits[middle]) else (middle, bad)
    return commits[bad]


check("first_bad", first_bad)


# %% tags=["alternative"]
def first_bad(commits, is_bad):
    return commits[bisect_left(commits, True, key=is_bad)]


check("first_bad", first_bad)

# %% [markdown]
# ## 7 · What a change costs
#
# Docker keeps the result of every instruction, a **layer** (레이어), and each rests on the one before. `layers`
# is a list of pairs, in order: the set of files that the instruction reads, and the seconds that it takes.
# One file, `changed`, has changed. How many seconds does the next build take?


# %%
def rebuild(layers, changed):
    ### BEGIN SOLUTION
    for place, (inputs, _) in enumerate(layers):
        if changed in inputs:
            return sum(seconds for _, seconds in layers[place:])
    return 0
    ### END SOLUTION


check("rebuild", rebuild)

# %%
# hint("rebuild", 1)


# %% tags=["wrong"]
# says: what of those above
def rebuild(layers, changed):
    return sum(seconds for inputs, seconds in layers if changed in inputs)


check("rebuild", rebuild)


# %% tags=["wrong"]
# says: which layers come before the change
def rebuild(layers, changed):
    if not any(changed in inputs for inputs, _ in layers):
        return 0
    return sum(seconds for _, seconds in layers)


check("rebuild", rebuild)


# %% tags=["wrong"]
# says: is the layer that reads the file itself among them
def rebuild(layers, changed):
    total, stale = 0, False
    for inputs, seconds in layers:
        total += seconds if stale else 0
        stale = stale or changed in inputs
    return total


check("rebuild", rebuild)


# %% tags=["wrong"]
# says: which are the others
def rebuild(layers, changed):
    total = 0
    for inputs, seconds in layers:
        if changed in inputs:
            return total
        total += seconds
    return 0


check("rebuild", rebuild)


# %% tags=["wrong"]
# says: so which of them is still valid
def rebuild(layers, changed):
    places = [i for i, (inputs, _) in enumerate(layers) if changed in inputs]
    return sum(seconds for _, seconds in layers[places[0] if places else 0 :])


check("rebuild", rebuild)


# %% tags=["alternative"]
def rebuild(layers, changed):
    total, stale = 0, False
    for inputs, seconds in layers:
        stale |= changed in inputs
        total += stale * seconds
    return total


check("rebuild", rebuild)

# %% [markdown]
# Put the instruction that installs packages above the one that copies code, and below: what does a changed
# line of code cost in each?
#
# ## 8 · Five programs, four of them ill
#
# You get five training programs whose code you cannot read (you could, and it would be no experiment). Each
# trains from a seed, and evaluates what it trained on the same 2,000 images:

# %%
from internlab.practice.exercises.repair_given import Program, programs

given = programs()
ui.show_source(Program)

# %% [markdown]
# One of them is `"sound"`. The others have one fault each: `"no seed"` (the seed is not used), `"one seed"`
# (whatever seed you give, it takes one and the same), `"training mode"` (evaluation draws at random) and
# `"batch"` (an image's answer depends on which others are in its batch). Who has which is drawn anew whenever
# the kernel starts. Answer with a dictionary from the program's name to its diagnosis. Find it by experiments,
# and repeat each: two different things may agree by luck.

# %%
### BEGIN SOLUTION
def diagnosis(program):
    model = program.train(0)
    if len({program.evaluate(model) for _ in range(5)}) > 1:
        return "training mode"
    if len({program.evaluate(model, batch) for batch in (2, 40, 200)}) > 1:
        return "batch"
    if len({program.evaluate(program.train(0)) for _ in range(5)}) > 1:
        return "no seed"
    if len({program.evaluate(program.train(seed)) for seed in range(5)}) == 1:
        return "one seed"
    return "sound"


answer = {name: diagnosis(program) for name, program in given.items()}
### END SOLUTION
check("programs", answer)

# %%
# hint("programs", 1)

# %% tags=["wrong"]
# says: what should the company of an image matter
right = dict(answer)
answer = {name: "sound" for name in given}
check("programs", answer)

# %% tags=["wrong"]
# says: does training come into that at all
answer = {name: "no seed" if said == "training mode" else said for name, said in right.items()}
check("programs", answer)

# %% tags=["wrong"]
# says: what does the seed decide
answer = {name: "sound" if said == "one seed" else said for name, said in right.items()}
check("programs", answer)

# %% tags=["wrong"]
# says: what is not repeated
answer = {name: "sound" if said == "no seed" else said for name, said in right.items()}
check("programs", answer)

# %% tags=["wrong"]
# says: which experiment speaks against it
answer = {name: "no seed" if said == "sound" else said for name, said in right.items()}
check("programs", answer)

# %% tags=["wrong"]
# says: what of the others
answer = {name: said for name, said in right.items() if said != "sound"}
check("programs", answer)

# %% tags=["wrong"]
# says: which of them
answer = {name: said.replace("sound", "fine") for name, said in right.items()}
check("programs", answer)

# %% tags=["wrong"]
# says: which program is which
answer = list(right.values())
check("programs", answer)

# %% tags=["alternative"]
import pandas as pd

answer = pd.Series(right)[::-1].to_dict()
check("programs", answer)

# %% [markdown]
# Notice what the experiments have in common: each fixes everything but one thing, and asks for equality. No
# tolerance is needed where nothing may differ. With real networks that is the cheapest test there is, and it
# is seldom run.
#
# ## What you did
#
# You found where to begin in an error, which versions are open, what bytes mean, in which type to subtract,
# how to predict without a trace, which commit to look at, what a layer costs, and which program is sound.
# The worked answers are in [solutions](../solutions/04_make_it_run.ipynb). If you want more of it, repair the
# lesson's repository by hand: `python -m internlab.practice.repair start my-repair`.
