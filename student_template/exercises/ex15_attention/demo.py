"""Your block learns to sort: it reads digits, and writes them down again in order, one by one."""

import numpy as np

from grader.demos import Curves, Text, say

LENGTH, DIGITS, FEATURES, HEADS, HIDDEN = 6, 8, 32, 2, 64
END = DIGITS  # the token that says: now sort
STEPS, BATCH, RATE = 900, 32, 0.01


def sequences(rng, n):
    """Digits, END, and the same digits in order."""
    digits = rng.integers(0, DIGITS, (n, LENGTH))
    return np.hstack([digits, np.full((n, 1), END), np.sort(digits, axis=1)])


class Sorter:
    """A table of tokens, your positions, your block, and a table back to tokens; trained by Adam."""

    def __init__(self, student, rng):
        self.block = student.Block(FEATURES, HEADS, HIDDEN, rng)
        self.places, self.mask = (
            student.positions(2 * LENGTH, FEATURES),
            student.causal_mask(2 * LENGTH),
        )
        self.names = list(self.block.params)
        tokens = rng.normal(size=(DIGITS + 1, FEATURES))
        self.params = {**self.block.params, "tokens": tokens, "out": 0.1 * tokens.T}
        self.mean = dict.fromkeys(self.params, 0.0)
        self.square, self.steps = dict(self.mean), 0

    def logits(self, x):
        """What comes after each place, as far as it knows."""
        t = x.shape[1]
        self.block.params = {name: self.params[name] for name in self.names}
        read = self.params["tokens"][x] + self.places[:t]
        self.found = self.block.forward(read, self.mask[:t, :t])
        return self.found @ self.params["out"]

    def learn(self, tokens):
        """One step of Adam; returns the mean loss of what was to be written."""
        x, y = tokens[:, :-1], tokens[:, LENGTH + 1 :, None]
        logits = self.logits(x)[:, LENGTH:]
        p = np.exp(logits - logits.max(axis=-1, keepdims=True))
        p /= p.sum(axis=-1, keepdims=True)
        right = np.take_along_axis(p, y, -1)
        dlogits = np.zeros((*x.shape, DIGITS + 1))
        np.put_along_axis(p, y, right - 1, -1)
        dlogits[:, LENGTH:] = p / y.size
        dread = self.block.backward(dlogits @ self.params["out"].T)
        grads = {**self.block.grads, "tokens": np.zeros_like(self.params["tokens"])}
        np.add.at(grads["tokens"], x, dread)
        grads["out"] = np.tensordot(self.found, dlogits, axes=([0, 1], [0, 1]))
        rate = RATE * (1 - self.steps / STEPS)  # slower and slower, down to 0
        self.steps += 1
        for name, g in grads.items():
            self.mean[name] = 0.9 * self.mean[name] + 0.1 * g
            self.square[name] = 0.99 * self.square[name] + 0.01 * g**2
            mean = self.mean[name] / (1 - 0.9**self.steps)
            deviation = np.sqrt(self.square[name] / (1 - 0.99**self.steps))
            self.params[name] = self.params[name] - rate * mean / (deviation + 1e-8)
        return -np.log(right).mean()

    def write(self, tokens):
        """Continue sequences: each digit is read again before the next one is written."""
        for _ in range(LENGTH):
            tokens = np.hstack([tokens, self.logits(tokens)[:, -1:, :DIGITS].argmax(axis=-1)])
        return tokens


def demo(student, rng):
    sorter = Sorter(student, rng)
    losses = [sorter.learn(sequences(rng, BATCH)) for _ in range(STEPS)]
    yield Curves(
        say("The loss over {n} steps", n=STEPS),
        {say("loss"): np.reshape(losses, (-1, 20)).mean(axis=1)},
    )
    tokens = sequences(rng, 200)
    written = sorter.write(tokens[:, : LENGTH + 1])
    good = (written == tokens).all(axis=1)
    yield Text(
        say(
            "Of 200 new sequences of {length} digits your block sorts {n} without a mistake:",
            length=LENGTH,
            n=good.sum(),
        )
    )
    lines = (
        f"{' '.join(map(str, row[:LENGTH]))} → {' '.join(map(str, row[LENGTH + 1 :]))}"
        + ("" if one else f"   {say('(wrong)')}")
        for row, one in zip(written[:5], good[:5], strict=True)
    )
    yield Text("\n".join(lines))
