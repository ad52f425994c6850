"""Standardise the columns of training and test data (N, D)."""


def prepare(train, test):
    mean, spread = train.mean(axis=0), train.std(axis=0)
    return (train - mean) / spread, (test - mean) / spread
