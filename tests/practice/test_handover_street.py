"""A network of another track goes through the hand-over, by its files alone."""

from __future__ import annotations

import numpy as np
import torch

from internlab.data import streets
from internlab.ood.dense.network import MEAN, SPREAD, load_pretrained, prepare
from internlab.practice.handover import cards, desk, digits, faults, records
from internlab.quiet import quiet


def test_the_street_network_is_served_whole_and_refused_without_any_fact(tmp_path):
    network = load_pretrained().to(memory_format=torch.contiguous_format)
    model, axes = tmp_path / "street.onnx", {0: "n", 2: "height", 3: "width"}
    with quiet():
        torch.onnx.export(
            network,
            (torch.rand(1, 3, 64, 96),),
            str(model),
            dynamo=False,
            dynamic_axes={"image": axes, "logits": axes},
            opset_version=18,
            input_names=["image"],
            output_names=["logits"],
        )
    image = streets.draw_street(200_000, height=48, width=96).image
    with torch.inference_mode():
        sent = network(prepare(image.copy())).softmax(dim=1)[0].numpy()
    recorded = {
        **records.file_facts(model),
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
        **records.test_facts(image, sent, streets.CLASSES),
        **records.metric_facts(
            "mean", lambda w: 1.0, "scenes", "one scene", [image[None]], np.random.default_rng(0),
            draws=2,
        ),
        "limits.measured": ["one scene is no test"],
        "training.data": "street scenes",
        "training.code": "internlab.ood",
        **records.cost_facts(lambda: None, 3),
    }  # fmt: skip
    card = cards.model_card(recorded, digits.STATED)
    parcel = desk.pack(tmp_path / "parcel", model, card)
    with desk.serving(parcel) as service:
        np.testing.assert_allclose(service.ask(image), sent, atol=1e-5)
    for breaks in (faults.each_removed, faults.each_mistaken):
        for fact, broken in breaks(card):
            verdict = desk.examine(desk.pack(tmp_path / "broken", model, broken))
            assert not verdict.served and fact in verdict.facts, f"{fact}: {verdict}"
