"""A search in a file: what it may say, and a clear error for everything else."""

from pathlib import Path

import pytest

from internlab.hpo.tuning.search_file import read_search
from internlab.hpo.tuning.space import Choice, LogUniform, Uniform

SMALLEST = """\
objective: objectives:climb
metric: score
space:
  rate: {uniform: [0, 1]}
"""


def read(tmp_path, text, **overrides):
    path = tmp_path / "mine.yaml"
    path.write_text(text)
    return read_search(path, **overrides)


def test_the_smallest_file(tmp_path):
    search, folder = read(tmp_path, SMALLEST)
    assert (search.objective, search.metric) == ("objectives:climb", "score")
    assert search.space == {"rate": Uniform(0, 1)}
    assert (search.samples, search.scheduler, search.sampler, search.seed) == (
        16,
        "none",
        "random",
        0,
    )
    assert folder == Path("searches/mine")


def test_everything_that_can_be_said(tmp_path):
    text = SMALLEST + (
        "  lr: {loguniform: [1e-4, 5e-2]}\n  width: {choice: [8, 12]}\n"
        "fixed: {decay: 1e-3, steps: 4, log: 'no'}\nmode: min\nsamples: 5\nscheduler: pbt\n"
        "sampler: random\nmax_iterations: 8\ngrace: 2\nreduction: 3\nseed: 7\nparallel: 1\n"
        "gpu_per_trial: 0.5\nmax_failures: 0\ngrid_points: 2\nmutate: [rate, lr]\nfolder: here\n"
    )
    search, folder = read(tmp_path, text)
    assert search.space["lr"] == LogUniform(1e-4, 5e-2)
    assert search.space["width"] == Choice([8, 12])
    assert search.fixed == {"decay": 0.001, "steps": 4, "log": "no"}
    assert search.mutate == ("rate", "lr")
    assert (search.samples, search.reduction, search.gpu_per_trial) == (5, 3, 0.5)
    assert folder == Path("here")


def test_options_replace_entries_and_none_does_not(tmp_path):
    text = SMALLEST + "samples: 5\nseed: 3\n"
    search, folder = read(tmp_path, text, samples=9, seed=None, scheduler="asha", folder="there")
    assert (search.samples, search.seed, search.scheduler) == (9, 3, "asha")
    assert folder == Path("there")


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("", "holds nothing"),
        ("- a\n- b\n", "holds list"),
        ("space: [1, 2", "line 1 is not YAML|line 2 is not YAML"),
        ("a: 1\n\tb: 2\n", "line 2 is not YAML"),
        (SMALLEST + "samples: 3\nsamples: 4\n", "line 6 is not YAML: 'samples' is given twice"),
        (SMALLEST + "  rate: {uniform: [0, 2]}\n", "'rate' is given twice"),
        (SMALLEST + "sample: 3\n", "'sample'.*Did you mean 'samples'"),
        (SMALLEST + "3: 3\n", "entry 3"),
        ("metric: score\n", "does not say objective and space"),
        (SMALLEST.replace("metric: score", "metric:"), "does not say metric"),
        (SMALLEST.replace("metric: score", "metric: 3"), "metric is 3; expected text"),
        (SMALLEST.replace("uniform", "unifrom"), "'rate' has the range"),
        (SMALLEST.replace("[0, 1]", "[1, 0]"), "'rate'.*lower first"),
        (SMALLEST.replace("{uniform: [0, 1]}", "0.5"), "'rate' has the range 0.5"),
        (SMALLEST + "samples: 0\n", "samples is 0; expected at least 1"),
        (SMALLEST + "samples: many\n", "samples is 'many'; expected a whole number"),
        (SMALLEST + "samples: 2.5\n", "samples is 2.5; expected a whole number"),
        (SMALLEST + "samples: true\n", "samples is True; expected a whole number"),
        (SMALLEST + "reduction: two\n", "reduction is 'two'; expected a number"),
        (SMALLEST + "scheduler: ahsa\n", "Unknown scheduler 'ahsa'.*Did you mean 'asha'"),
        (SMALLEST + "fixed: 3\n", "fixed is 3"),
        (SMALLEST + "mutate: rate\n", "mutate is 'rate'"),
        (SMALLEST + "folder: 3\n", "folder is 3; expected text"),
    ],
)
def test_a_mistake_is_named(tmp_path, text, named):
    with pytest.raises(ValueError, match=named):
        read(tmp_path, text)


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"no file .*mine\.yaml"):
        read_search(tmp_path / "mine.yaml")


def test_a_file_that_is_no_text(tmp_path):
    (tmp_path / "image.yaml").write_bytes(b"\x89PNG\xff\xfe\x00")
    with pytest.raises(ValueError, match="not a text file"):
        read_search(tmp_path / "image.yaml")


def test_the_example_of_the_command_can_be_read(tmp_path):
    from internlab.hpo import __main__ as command

    example = command.EXAMPLES.split("search.yaml:\n")[1].split("\n\n")[0]
    search, _ = read(tmp_path, "\n".join(line[2:] for line in example.splitlines()))
    assert search.metric == "validation_iou"
