"""What the GPU report can show of itself without a GPU."""

import math

import numpy as np
import pytest
import torch

from internlab.superres import gpu_report
from internlab.superres.gpu_backends import CANDIDATES, Missing, Workload
from internlab.superres.gpu_report import Row, as_markdown


def test_without_a_gpu_it_says_so_and_fails(monkeypatch, capsys):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert gpu_report.main([]) == 1
    assert "sees no CUDA device" in capsys.readouterr().out


def test_the_table_puts_error_beside_time_and_names_what_is_missing():
    rows = [
        Row("eager fp32", (1.9, 2.0, 2.2), 1.8, 0.0, math.inf, True),
        Row("tensorrt fp16", (0.4, 0.5, 0.6), 0.3, 1e-3, 60.0, True),
        Row("broken", (0.1, 0.1, 0.1), 0.1, math.nan, math.nan, False),
        Row("onnxruntime cuda fp16", missing="pip install onnxruntime-gpu"),
    ]
    table = as_markdown(rows)
    assert "| tensorrt fp16 | 0.500 [0.400, 0.600] | 4.00 | 0.300 | 1.0e-03 | 60.0 dB |" in table
    assert "NOT FINITE" in table
    assert "- onnxruntime cuda fp16: pip install onnxruntime-gpu" in table


def test_errors_are_taken_against_the_reference():
    reference = torch.zeros(1, 3, 8, 8)
    errors = gpu_report._errors(reference + 0.1, reference)
    assert errors["max_error"] == pytest.approx(0.1)
    assert errors["psnr_db"] == pytest.approx(20)
    assert gpu_report._errors(reference, reference)["psnr_db"] == math.inf
    assert not gpu_report._errors(reference * math.nan, reference)["finite"]


@pytest.mark.parametrize("size", [128, 97])
def test_the_stand_in_image_fills_the_range(size):
    image = gpu_report._smooth_noise(size, np.random.default_rng(0))
    assert image.shape == (1, 3, size, size)
    assert (image.min(), image.max(), image.dtype) == (0, 1, np.float32)


def test_a_missing_file_says_why():
    work = Workload(torch.nn.Identity(), torch.zeros(1), faults={"int8": "no quantiser"})
    with pytest.raises(Missing, match="no quantiser"):
        work.file("int8")
    with pytest.raises(Missing, match="no quantiser"):
        CANDIDATES["tensorrt int8"](work)
