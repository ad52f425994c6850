"""Lab 04: what errors say, what is pinned, what bytes mean, and which of five programs is sound."""

from __future__ import annotations

from internlab.exercises import Exercise, Lab
from internlab.practice.exercises.repair_numbers import check_difference, check_predict
from internlab.practice.exercises.repair_reading import (
    check_open_lines,
    check_own_line,
    check_read_text,
)
from internlab.practice.exercises.repair_search import (
    check_first_bad,
    check_programs,
    check_rebuild,
)

lab = Lab(
    "practice.repair",
    [
        Exercise(
            "own_line",
            check_own_line,
            hints=(
                "Every frame of a traceback has a line that begins with File, after two blanks. "
                "Which of them belong to the repository?",
                "re.findall(r'^  File \"(.+)\", line (\\d+)', text, re.MULTILINE) gives pairs of "
                "file and line, the last call at the end.",
                "Keep the pairs whose file starts with folder + '/' and does not hold "
                "'/site-packages/'; return the last one, its line as int.",
            ),
        ),
        Exercise(
            "open_lines",
            check_open_lines,
            hints=(
                "A line is closed if it names exactly one version. How is that written?",
                "Cut comments off first: line.split('#')[0].strip(). Then == without a star closes "
                "a line, and nothing else does.",
                "re.match(r'[\\w-]+', line).group() is the name; it is open unless '==' in line "
                "and '*' not in line.",
            ),
        ),
        Exercise(
            "read_text",
            check_read_text,
            hints=(
                "An encoding is right if the header says what it should. Try several, and look.",
                "for encoding in ('utf-8-sig', 'cp949', 'utf-16'): decode, and compare the first "
                "line, split at the commas, with columns. A wrong one may raise an error.",
                "try: text = raw.decode(encoding) except UnicodeDecodeError: continue; if "
                "text.splitlines()[0].split(',') == columns: return text. After the loop: raise "
                "ValueError.",
            ),
        ),
        Exercise(
            "difference",
            check_difference,
            hints=(
                "What is 3 - 5 if there are no negative numbers?",
                "Change the type before you subtract, to one that holds -255.",
                "np.abs(a.astype(float) - b).mean()",
            ),
        ),
        Exercise(
            "predict",
            check_predict,
            hints=(
                "network.eval() sets the mode of every module in it. What was it before?",
                "modes = [(m, m.training) for m in network.modules()] remembers the mode of each.",
                "After predicting: for m, mode in modes: m.training = mode. With torch.no_grad() "
                "nothing is kept for gradients.",
            ),
        ),
        Exercise(
            "first_bad",
            check_first_bad,
            hints=(
                "Of a good commit at one end and a bad one at the other, look at the middle.",
                "Keep two numbers: good = 0 and bad = len(commits) - 1. Stop when they are "
                "neighbours.",
                "while bad - good > 1: middle = (good + bad) // 2; if is_bad(commits[middle]): "
                "bad = middle, else good = middle. Return commits[bad].",
            ),
        ),
        Exercise(
            "rebuild",
            check_rebuild,
            hints=(
                "A layer rests on the ones below it. If one changes, what is true of those above?",
                "Find the first layer whose inputs hold the file. Without one, nothing is built.",
                "for i, (inputs, _) in enumerate(layers): if changed in inputs: return sum(s for "
                "_, s in layers[i:]). After the loop: return 0.",
            ),
        ),
        Exercise(
            "programs",
            check_programs,
            hints=(
                "One number says nothing. Which four pairs of runs should agree or differ?",
                "Evaluate one model twice; evaluate it in batches of 40 and of 2; train seed 0 "
                "twice; train seeds 0, 1 and 2.",
                "In this order: two evaluations differ: training mode. Batches differ: batch. "
                "Seed 0 differs from itself: no seed. All seeds alike: one seed. Else sound.",
            ),
        ),
    ],
    solution="solutions/04_make_it_run.ipynb",
)
check, hint = lab.check, lab.hint
