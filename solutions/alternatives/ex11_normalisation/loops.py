"""Normalisation with loops over features and examples, and sums as a beginner writes them."""

import numpy as np


class BatchNorm:
    """Keeps a list of what each feature needs on the way back."""

    def __init__(self, features, momentum=0.1, eps=1e-5):
        """Fill lists of numbers into arrays."""
        self.momentum = momentum
        self.eps = eps
        self.gamma = np.array([1.0] * features)
        self.beta = np.array([0.0] * features)
        self.dgamma = np.array([0.0] * features)
        self.dbeta = np.array([0.0] * features)
        self.running_mean = np.array([0.0] * features)
        self.running_var = np.array([1.0] * features)
        self.steps = []

    def forward(self, x, training=True):
        """Go through the features one by one."""
        n, features = x.shape
        if training and n == 1:
            raise ValueError("a batch of one")
        out = np.zeros((n, features))
        self.steps = []
        mean_after, var_after = self.running_mean.copy(), self.running_var.copy()
        for j in range(features):
            column = [float(x[i, j]) for i in range(n)]
            if training:
                mean = sum(column) / n
                squares = sum((v - mean) ** 2 for v in column)
                variance = squares / n
                mean_after[j] += self.momentum * (mean - mean_after[j])
                var_after[j] += self.momentum * (squares / (n - 1) - var_after[j])
            else:
                mean, variance = self.running_mean[j], self.running_var[j]
            root = (variance + self.eps) ** 0.5
            normal = [(v - mean) / root for v in column]
            for i in range(n):
                out[i, j] = self.gamma[j] * normal[i] + self.beta[j]
            self.steps.append((normal, root, float(self.gamma[j]), training))
        self.running_mean, self.running_var = mean_after, var_after
        return out

    def backward(self, dout):
        """Use the gradient as the textbook has it: by variance, by mean, by x."""
        n, features = dout.shape
        dx = np.zeros((n, features))
        self.dgamma, self.dbeta = np.zeros(features), np.zeros(features)
        for j, (normal, root, gamma, training) in enumerate(self.steps):
            for i in range(n):
                self.dgamma[j] += dout[i, j] * normal[i]
                self.dbeta[j] += dout[i, j]
            scaled = [dout[i, j] * gamma for i in range(n)]
            if training:
                dvar = sum(s * v for s, v in zip(scaled, normal, strict=True)) / n
                dmean = sum(scaled) / n
                for i in range(n):
                    dx[i, j] = (scaled[i] - dmean - normal[i] * dvar) / root
            else:
                for i in range(n):
                    dx[i, j] = scaled[i] / root
        return dx


def layer_norm_forward(x, gamma, beta, eps=1e-5):
    """Normalise the rows one by one."""
    rows = np.array(x, dtype=float).reshape(-1, x.shape[-1])
    normal, roots = np.zeros_like(rows), np.zeros(len(rows))
    for i, row in enumerate(rows):
        mean = sum(row) / len(row)
        roots[i] = (sum((v - mean) ** 2 for v in row) / len(row) + eps) ** 0.5
        for j, value in enumerate(row):
            normal[i, j] = (value - mean) / roots[i]
    out = np.array([[g * v + b for g, v, b in zip(gamma, r, beta, strict=True)] for r in normal])
    return out.reshape(x.shape), {"normal": normal, "roots": roots, "gamma": list(gamma)}


def layer_norm_backward(dout, cache):
    """Send each row back on its own."""
    normal, gamma = cache["normal"], cache["gamma"]
    rows = np.asarray(dout, float).reshape(normal.shape)
    dx = np.zeros_like(rows)
    dgamma, dbeta = np.zeros(len(gamma)), np.zeros(len(gamma))
    for i, (row, root) in enumerate(zip(rows, cache["roots"], strict=True)):
        scaled = row * gamma
        dx[i] = (scaled - scaled.mean() - normal[i] * (scaled * normal[i]).mean()) / root
        dgamma += row * normal[i]
        dbeta += row
    return dx.reshape(dout.shape), dgamma, dbeta


def fold_batch_norm(w, b, norm):
    """Fold unit by unit."""
    folded_w, folded_b = np.array(w, dtype=float), np.array(b, dtype=float)
    for j in range(len(folded_b)):
        scale = norm.gamma[j] / (norm.running_var[j] + norm.eps) ** 0.5
        folded_w[:, j] *= scale
        folded_b[j] = (folded_b[j] - norm.running_mean[j]) * scale + norm.beta[j]
    return folded_w, folded_b
