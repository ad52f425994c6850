"""A network with one hidden layer and dropout, on whatever array library it is given."""


class Network:
    def __init__(self, inputs, hidden, rng, xp, dropout=0.05):
        self.xp, self.rng, self.dropout, self.training = xp, rng, dropout, True
        self.weights = [
            xp.asarray(rng.normal(size=(inputs, hidden)) * (2 / inputs) ** 0.5),
            xp.zeros(hidden),
            xp.asarray(rng.normal(size=(hidden, 1)) * (1 / hidden) ** 0.5),
            xp.zeros(1),
        ]
        self.moments = [(xp.zeros_like(w), xp.zeros_like(w)) for w in self.weights]
        self.steps = 0

    def train(self):
        self.training = True

    def eval(self):
        self.training = False

    def forward(self, x):
        """Return estimates (N,), and keep what `step` needs for the gradient."""
        first, bias, second, last = self.weights
        before = x @ first + bias
        self.gate = (before > 0).astype(float)
        if self.training:
            kept = self.rng.random(before.shape) >= self.dropout
            self.gate = self.gate * self.xp.asarray(kept) / (1 - self.dropout)
        self.hidden = before * self.gate
        return (self.hidden @ second + last)[:, 0]

    def step(self, x, y, rate):
        """Take one step of Adam on the mean squared error."""
        error = (2 * (self.forward(x) - y) / len(y))[:, None]
        back = (error @ self.weights[2].T) * self.gate
        gradients = [x.T @ back, back.sum(axis=0), self.hidden.T @ error, error.sum(axis=0)]
        self.steps += 1
        for w, (m, v), g in zip(self.weights, self.moments, gradients, strict=True):
            m += 0.1 * (g - m)
            v += 0.001 * (g * g - v)
            unbiased = v / (1 - 0.999**self.steps)
            w -= rate * m / (1 - 0.9**self.steps) / (unbiased**0.5 + 1e-8)
