"""A recorded forecast, to play against: what the author of the twelve experiments expected.

It was committed to the repository before the first of the experiments had run, and neither a
question nor a probability has changed since; ``git log`` of this folder shows it.
"""

# Probability of yes. One is computed, not felt: best-of-twenty is the chance that three of five
# seeds say yes if one does in 44 of 100 cases.
AUTHOR = {
    "scaled-neighbours": 0.93,
    "few-labels": 0.60,
    "wrong-labels": 0.90,
    "shuffled-pixels": 0.02,
    "noise-columns": 0.60,
    "coin-labels": 0.97,
    "best-of-twenty": 0.39,
    "training-mode": 0.20,
    "black-and-white": 0.30,
    "scaled-tree": 0.06,
    "eight-numbers": 0.85,
    "winner-again": 0.49,
}
