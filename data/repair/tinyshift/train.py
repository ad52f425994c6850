"""Train on belt A (가), test on belt B (나): python train.py --seed 0 --device cuda"""

import argparse
import json

import backend
import numpy as np
import pulses
from evaluate import mean_absolute_error
from model import Network


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--device", choices=["cpu", "cuda"], default="cuda")
    parser.add_argument("--epochs", type=int, default=150)
    args = parser.parse_args()

    xp = backend.pick(args.device)
    rng = np.random.default_rng()
    belts, speeds, counts, grams = pulses.read()
    x = pulses.features(counts, speeds)
    here, there = belts == "가", belts == "나"
    x = xp.asarray((x - x[here].mean(axis=0)) / x[here].std(axis=0))
    y = xp.asarray(grams)

    network = Network(x.shape[1], 64, rng, xp)
    train_x, train_y = x[here], y[here] / 1000
    for epoch in range(args.epochs):
        network.train()
        order = rng.permutation(len(train_y))
        for start in range(0, len(order), 16):
            batch = xp.asarray(order[start : start + 16])
            network.step(train_x[batch], train_y[batch], rate=0.01 * (1 - epoch / args.epochs))
        if epoch % 50 == 49:
            print(f"epoch {epoch + 1}: {mean_absolute_error(network, x[here], y[here]):.1f} g")

    error = mean_absolute_error(network, x[there], y[there])
    print(f"belt B: {error:.2f} g")
    with open("results.json", "w") as stream:
        json.dump({"seed": args.seed, "device": args.device, "error_g": error}, stream)


if __name__ == "__main__":
    main()
