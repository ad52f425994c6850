"""Outputs refuse what no detector could use, and say what was wrong."""

import subprocess
import sys

import numpy as np
import pytest
import torch

from internlab.ood.outputs import ANOMALY, VOID, Outputs


def test_places_and_classes_follow_the_logits():
    assert Outputs(torch.zeros(5, 3)).places == (5,)
    dense = Outputs(torch.zeros(2, 3, 4, 6))
    assert dense.places == (2, 4, 6)
    assert dense.classes == 3


@pytest.mark.parametrize("name", ["logits", "features", "sampled_logits", "perturbed_logits"])
@pytest.mark.parametrize("bad", [float("nan"), float("inf"), float("-inf")])
def test_a_value_that_is_not_finite_is_named_with_its_place(name, bad):
    tensors = {
        "logits": torch.zeros(4, 3),
        "features": torch.zeros(4, 7),
        "sampled_logits": torch.zeros(2, 4, 3),
        "perturbed_logits": torch.zeros(4, 3),
    }
    tensors[name][..., 2, 1] = bad
    where = "(0, 2, 1)" if name == "sampled_logits" else "(2, 1)"
    with pytest.raises(ValueError, match=name) as error:
        Outputs(**tensors)
    assert where in str(error.value)
    assert str(bad) in str(error.value)


@pytest.mark.parametrize(
    "fields",
    [
        {"features": torch.zeros(5, 7)},
        {"features": torch.zeros(4, 0)},
        {"features": torch.zeros(4, 7, 2, 2)},
        {"labels": torch.zeros(3, dtype=torch.long)},
        {"sampled_logits": torch.zeros(4, 3)},
        {"sampled_logits": torch.zeros(0, 4, 3)},
        {"perturbed_logits": torch.zeros(4, 2)},
    ],
)
def test_sizes_must_agree(fields):
    with pytest.raises(ValueError, match="expected \\(") as error:
        Outputs(torch.zeros(4, 3), **fields)
    assert next(iter(fields)) in str(error.value)


def test_maps_of_another_size_are_refused():
    with pytest.raises(ValueError, match="height and width"):
        Outputs(torch.zeros(1, 3, 8, 8), features=torch.zeros(1, 5, 4, 4))
    with pytest.raises(ValueError, match="labels"):
        Outputs(torch.zeros(1, 3, 8, 8), labels=torch.zeros(1, 8, 9, dtype=torch.uint8))


def test_logits_without_a_batch_axis_are_refused():
    with pytest.raises(ValueError, match=r"logits\[None\]"):
        Outputs(torch.zeros(3, 8, 8))


def test_a_label_that_is_no_class_is_named():
    with pytest.raises(ValueError, match=r"Label 3 at index \(1,\)"):
        Outputs(torch.zeros(2, 3), labels=torch.tensor([0, 3]))
    with pytest.raises(ValueError, match="Label -1"):
        Outputs(torch.zeros(2, 3), labels=torch.tensor([0, -1]))
    with pytest.raises(ValueError, match="integers"):
        Outputs(torch.zeros(2, 3), labels=torch.tensor([0.0, 1.0]))


def test_void_and_anomaly_are_no_error_and_with_many_classes_they_are_classes():
    Outputs(torch.zeros(2, 3), labels=torch.tensor([ANOMALY, VOID], dtype=torch.uint8))
    Outputs(torch.zeros(2, 300), labels=torch.tensor([254, 299]))


def test_what_is_missing_is_asked_for_by_name():
    with pytest.raises(ValueError, match=r"kNN needs `features`.*last linear layer"):
        Outputs(torch.zeros(2, 3)).require("features", "kNN")


def test_integers_in_place_of_logits_are_refused():
    with pytest.raises(ValueError, match="floating point"):
        Outputs(torch.zeros(2, 3, dtype=torch.long))


@pytest.mark.parametrize("dtype", [torch.int8, torch.int16, torch.int64])
@pytest.mark.parametrize("bad", [-1, -2])
def test_a_label_below_zero_is_no_void_in_any_integer_type(dtype, bad):
    with pytest.raises(ValueError, match=f"Label {bad} at index"):
        Outputs(torch.zeros(2, 3), labels=torch.tensor([0, bad], dtype=dtype))


@pytest.mark.parametrize("dtype", [torch.int8, torch.uint8, torch.uint16, torch.int32])
def test_classes_fit_any_integer_type(dtype):
    Outputs(torch.zeros(2, 3), labels=torch.tensor([0, 2], dtype=dtype))


@pytest.mark.parametrize("name", ["logits", "features", "labels", "sampled_logits"])
def test_an_array_of_numpy_is_named_and_how_to_convert_it(name):
    fields = {"logits": torch.zeros(4, 3), name: np.zeros((4, 3), np.float32)}
    with pytest.raises(TypeError, match=rf"`{name}` is a numpy\.ndarray.*torch\.from_numpy"):
        Outputs(**fields)


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_half_precision_becomes_float32_and_nothing_else_does(dtype):
    outputs = Outputs(
        torch.full((4, 3), 0.5, dtype=dtype),
        features=torch.zeros(4, 7, dtype=torch.float64),
        sampled_logits=torch.zeros(2, 4, 3, dtype=dtype),
    )
    assert outputs.logits.dtype == outputs.sampled_logits.dtype == torch.float32
    assert (outputs.logits == 0.5).all()
    assert outputs.features.dtype == torch.float64


def test_the_two_ids_are_told_without_what_draws_streets():
    code = (
        "import sys, internlab.ood.outputs; "
        "sys.exit('internlab.data.streets' in sys.modules or 'cv2' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
