"""Standardise the columns of training and test data (N, D)."""

import numpy as np


def prepare(train, test):
    everything = np.concatenate([train, test])
    mean, spread = everything.mean(axis=0), everything.std(axis=0)
    return (train - mean) / spread, (test - mean) / spread
