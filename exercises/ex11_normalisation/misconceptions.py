"""Mistakes that people make with normalisation, each a small change on the reference, whose layer keeps
(normal, inverse, gamma, training) of the latest forward pass, and layer_norm (normal, inverse, gamma).
"""

import numpy as np

from grader.checks import misconception

# Batch normalisation, forward


@misconception(
    hint="Which axis holds the examples? A feature is normalised over the batch: axis 0.",
    caught_by="test_batch_worked_example",
)
def normalises_each_example(reference):
    class BatchNorm(reference.BatchNorm):
        def forward(self, x, training=True):
            super().forward(x, training)
            if not training:
                return super().forward(x, training)
            _, inverse, gamma, _ = self._cache
            x = np.asarray(x, float)
            centred = x - x.mean(axis=1, keepdims=True)
            normal = centred / np.sqrt((centred**2).mean(axis=1, keepdims=True) + self.eps)
            self._cache = normal, inverse, gamma, training
            return self.gamma * normal + self.beta

    return BatchNorm


@misconception(
    hint="One mean for all features makes them depend on each other. How many means are there for D features?",
    caught_by="test_batch_worked_example",
)
def one_mean_for_all_features(reference):
    class BatchNorm(reference.BatchNorm):
        def forward(self, x, training=True):
            out = super().forward(x, training)
            if not training:
                return out
            x = np.asarray(x, float)
            normal = (x - x.mean()) / np.sqrt(x.var() + self.eps)
            _, inverse, gamma, _ = self._cache
            self._cache = normal, inverse, gamma, training
            return self.gamma * normal + self.beta

    return BatchNorm


@misconception(
    hint="Mean and variance are not enough: gamma and beta come last. Are both in your output?",
    caught_by="test_batch_values",
)
def no_scale_and_shift(reference):
    class BatchNorm(reference.BatchNorm):
        def forward(self, x, training=True):
            super().forward(x, training)
            return self._cache[0]

    return BatchNorm


@misconception(
    hint="The variance that normalises a batch is divided by N, not by N - 1. Which one does np.var give "
    "you with ddof=1?",
    caught_by="test_batch_worked_example",
)
def normalises_with_the_unbiased_variance(reference):
    class BatchNorm(reference.BatchNorm):
        def forward(self, x, training=True):
            out = super().forward(x, training)
            if not training:
                return out
            x = np.asarray(x, float)
            inverse = 1 / np.sqrt(x.var(axis=0, ddof=1, keepdims=True) + self.eps)
            normal = (x - x.mean(axis=0)) * inverse
            self._cache = normal, inverse, np.array(self.gamma, float), training
            return self.gamma * normal + self.beta

    return BatchNorm


@misconception(
    hint="The root of what is taken: of the variance alone, or of the variance plus eps? A constant feature "
    "tells them apart.",
    caught_by="test_batch_worked_example",
)
def eps_outside_the_root(reference):
    class BatchNorm(reference.BatchNorm):
        def forward(self, x, training=True):
            out = super().forward(x, training)
            if not training:
                return out
            x = np.asarray(x, float)
            inverse = 1 / (x.std(axis=0, keepdims=True) + self.eps)
            normal = (x - x.mean(axis=0)) * inverse
            self._cache = normal, inverse, np.array(self.gamma, float), training
            return self.gamma * normal + self.beta

    return BatchNorm


@misconception(
    hint="Normalising divides by the deviation, which is the root of the variance. Is the root there?",
    caught_by="test_batch_worked_example",
)
def divides_by_the_variance(reference):
    class BatchNorm(reference.BatchNorm):
        def forward(self, x, training=True):
            out = super().forward(x, training)
            if not training:
                return out
            x = np.asarray(x, float)
            inverse = 1 / (x.var(axis=0, keepdims=True) + self.eps)
            normal = (x - x.mean(axis=0)) * inverse
            self._cache = normal, inverse, np.array(self.gamma, float), training
            return self.gamma * normal + self.beta

    return BatchNorm


# The running statistics


@misconception(
    hint="Momentum is the share of the new batch: 0.1 keeps nine tenths of what was there. Are the two "
    "shares swapped?",
    caught_by="test_batch_worked_example",
)
def momentum_keeps_the_old(reference):
    class BatchNorm(reference.BatchNorm):
        def forward(self, x, training=True):
            self.momentum = 1 - self.momentum
            try:
                return super().forward(x, training)
            finally:
                self.momentum = 1 - self.momentum

    return BatchNorm


@misconception(
    hint="Two variances: the one that normalises is divided by N, the one that is remembered by N - 1.",
    caught_by="test_batch_worked_example",
)
def remembers_the_biased_variance(reference):
    class BatchNorm(reference.BatchNorm):
        def forward(self, x, training=True):
            before = self.running_var
            out = super().forward(x, training)
            if training:
                biased = np.asarray(x, float).var(axis=0)
                self.running_var = (1 - self.momentum) * before + self.momentum * biased
            return out

    return BatchNorm


@misconception(
    hint="What is remembered for use is a variance. Is a deviation, its root, in running_var?",
    caught_by="test_batch_worked_example",
)
def remembers_the_deviation(reference):
    class BatchNorm(reference.BatchNorm):
        def forward(self, x, training=True):
            before = self.running_var
            out = super().forward(x, training)
            if training:
                deviation = np.asarray(x, float).std(axis=0, ddof=1)
                self.running_var = (1 - self.momentum) * before + self.momentum * deviation
            return out

    return BatchNorm


@misconception(
    hint="Are the running statistics those of the last batch only? They move towards it by the momentum.",
    caught_by="test_batch_worked_example",
)
def remembers_the_last_batch_only(reference):
    class BatchNorm(reference.BatchNorm):
        def forward(self, x, training=True):
            out = super().forward(x, training)
            if training:
                x = np.asarray(x, float)
                self.running_mean, self.running_var = x.mean(axis=0), x.var(axis=0, ddof=1)
            return out

    return BatchNorm


@misconception(
    hint="With training=False nothing is remembered: running_mean and running_var stay as they are.",
    caught_by="test_use",
)
def remembers_in_use_as_well(reference):
    class BatchNorm(reference.BatchNorm):
        def forward(self, x, training=True):
            out = super().forward(x, training)
            if not training:
                x = np.asarray(x, float)
                keep = 1 - self.momentum
                self.running_mean = keep * self.running_mean + self.momentum * x.mean(axis=0)
            return out

    return BatchNorm


@misconception(
    hint="With training=False one example is enough: the statistics are the running ones, not those of x.",
    caught_by="test_use",
)
def uses_the_batch_in_use(reference):
    class BatchNorm(reference.BatchNorm):
        def forward(self, x, training=True):
            if training or len(x) < 2:
                return super().forward(x, training)
            statistics = self.running_mean, self.running_var
            out = super().forward(x, training=True)
            self.running_mean, self.running_var = statistics
            return out

    return BatchNorm


# Batch normalisation, backward


@misconception(
    hint="Mean and variance move with x, too. Which two terms are missing beside dout * gamma / deviation?",
    caught_by="test_batch_backward",
)
def statistics_are_constants(reference):
    class BatchNorm(reference.BatchNorm):
        def backward(self, dout):
            super().backward(dout)
            _, inverse, gamma, _ = self._cache
            return dout * gamma * inverse

    return BatchNorm


@misconception(
    hint="The mean moves with x, too: for that the mean of what comes back to the normalised x is taken away. Where "
    "is it?",
    caught_by="test_batch_backward",
)
def mean_is_a_constant(reference):
    class BatchNorm(reference.BatchNorm):
        def backward(self, dout):
            dx = super().backward(dout)
            _, inverse, gamma, training = self._cache
            return dx + inverse * (dout * gamma).mean(axis=0) if training else dx

    return BatchNorm


@misconception(
    hint="The mean is taken care of. The variance depends on x as well: which term has the normalised x in it?",
    caught_by="test_batch_backward",
)
def variance_is_a_constant(reference):
    class BatchNorm(reference.BatchNorm):
        def backward(self, dout):
            dx = super().backward(dout)
            _, inverse, gamma, training = self._cache
            if not training:
                return dx
            scaled = dout * gamma
            return inverse * (scaled - scaled.mean(axis=0))

    return BatchNorm


@misconception(
    hint="The variance's term of dx has the normalised x in two places. Is one of them x - mean, which is not "
    "divided by the deviation?",
    caught_by="test_batch_backward",
)
def variance_term_not_normalised(reference):
    class BatchNorm(reference.BatchNorm):
        def backward(self, dout):
            dx = super().backward(dout)
            normal, inverse, gamma, training = self._cache
            along = gamma * (dout * normal).mean(axis=0)
            return dx + normal * along * (inverse - 1) if training else dx

    return BatchNorm


@misconception(
    hint="What x sends forward is multiplied by gamma. Is gamma in dx?",
    caught_by="test_batch_backward",
)
def dx_without_gamma(reference):
    class BatchNorm(reference.BatchNorm):
        def backward(self, dout):
            return super().backward(dout) / self._cache[2]

    return BatchNorm


@misconception(
    hint="gamma multiplies the normalised x, not x itself. What is its gradient multiplied with?",
    caught_by="test_batch_backward",
)
def dgamma_with_x_itself(reference):
    class BatchNorm(reference.BatchNorm):
        def forward(self, x, training=True):
            self._x = np.asarray(x, float)
            return super().forward(x, training)

        def backward(self, dout):
            dx = super().backward(dout)
            self.dgamma = (dout * self._x).sum(axis=0)
            return dx

    return BatchNorm


@misconception(
    hint="beta is only added, gamma is multiplied by something. Is dgamma the same as dbeta?",
    caught_by="test_batch_backward",
)
def dgamma_like_dbeta(reference):
    class BatchNorm(reference.BatchNorm):
        def backward(self, dout):
            dx = super().backward(dout)
            self.dgamma = self.dbeta.copy()
            return dx

    def layer_norm_backward(dout, cache):
        dx, _, dbeta = reference.layer_norm_backward(dout, cache)
        return dx, dbeta.copy(), dbeta

    return BatchNorm, layer_norm_backward


@misconception(
    hint="Every example sends something back to gamma and beta: the sum over the batch, not the mean.",
    caught_by="test_batch_backward",
)
def gradients_are_averaged(reference):
    class BatchNorm(reference.BatchNorm):
        def backward(self, dout):
            dx = super().backward(dout)
            self.dgamma, self.dbeta = self.dgamma / len(dout), self.dbeta / len(dout)
            return dx

    return BatchNorm


@misconception(
    hint="In use the statistics are fixed numbers, and x moves alone: no terms of mean and variance then.",
    caught_by="test_batch_backward_in_use",
)
def backward_in_use_as_in_training(reference):
    class BatchNorm(reference.BatchNorm):
        def backward(self, dout):
            super().backward(dout)
            normal, inverse, gamma, _ = self._cache
            scaled = dout * gamma
            mean, along = scaled.mean(axis=0), (scaled * normal).mean(axis=0)
            return inverse * (scaled - mean - normal * along)

    return BatchNorm


@misconception(
    hint="Two layers, and the second one's forward pass disturbs the first one's backward pass. Where is "
    "kept what backward needs?",
    caught_by="test_layers_do_not_share",
)
def one_cache_for_all_layers(reference):
    kept = {}

    class BatchNorm(reference.BatchNorm):
        def forward(self, x, training=True):
            out = super().forward(x, training)
            kept["last"] = self._cache
            return out

        def backward(self, dout):
            self._cache = kept["last"]
            return super().backward(dout)

    return BatchNorm


# Layer normalisation


@misconception(
    hint="Layer normalisation looks at one example at a time: the mean is over its features, the last axis.",
    caught_by="test_layer_values",
)
def layer_norm_over_the_batch(reference):
    def layer_norm_forward(x, gamma, beta, eps=1e-5):
        _, cache = reference.layer_norm_forward(x, gamma, beta, eps)
        x = np.asarray(x, float)
        centred = x - x.mean(axis=0)
        normal = centred / np.sqrt((centred**2).mean(axis=0) + eps)
        return gamma * normal + beta, (normal, *cache[1:])

    return layer_norm_forward


@misconception(
    hint="The examples of a batch are apart: the mean is over the last axis only, not over all axes but the "
    "first.",
    caught_by="test_layer_values",
)
def layer_norm_over_all_axes(reference):
    def layer_norm_forward(x, gamma, beta, eps=1e-5):
        _, cache = reference.layer_norm_forward(x, gamma, beta, eps)
        x = np.asarray(x, float)
        axes = tuple(range(1, x.ndim))
        centred = x - x.mean(axis=axes, keepdims=True)
        normal = centred / np.sqrt((centred**2).mean(axis=axes, keepdims=True) + eps)
        return gamma * normal + beta, (normal, *cache[1:])

    return layer_norm_forward


@misconception(
    hint="eps stands inside of the root, with the variance. Is yours added to the deviation?",
    caught_by="test_layer_values",
)
def layer_eps_outside_the_root(reference):
    def layer_norm_forward(x, gamma, beta, eps=1e-5):
        reference.layer_norm_forward(x, gamma, beta, eps)
        x = np.asarray(x, float)
        inverse = 1 / (x.std(axis=-1, keepdims=True) + eps)
        normal = (x - x.mean(axis=-1, keepdims=True)) * inverse
        return gamma * normal + beta, (normal, inverse, gamma)

    return layer_norm_forward


@misconception(
    hint="The variance over the features is divided by D, not by D - 1. What does ddof do?",
    caught_by="test_layer_values",
)
def layer_norm_with_the_unbiased_variance(reference):
    def layer_norm_forward(x, gamma, beta, eps=1e-5):
        x = np.asarray(x, float)
        inverse = 1 / np.sqrt(x.var(axis=-1, ddof=1, keepdims=True) + eps)
        normal = (x - x.mean(axis=-1, keepdims=True)) * inverse
        return gamma * normal + beta, (normal, inverse, np.array(gamma, float))

    return layer_norm_forward


@misconception(
    hint="Mean and variance of an example move with its features. Which two terms are missing in dx?",
    caught_by="test_layer_backward",
)
def layer_statistics_are_constants(reference):
    def layer_norm_backward(dout, cache):
        _, dgamma, dbeta = reference.layer_norm_backward(dout, cache)
        _, inverse, gamma = cache
        return dout * gamma * inverse, dgamma, dbeta

    return layer_norm_backward


@misconception(
    hint="The variance's term of dx has the normalised x in two places. Is one of them x - mean, which is not "
    "divided by the deviation?",
    caught_by="test_layer_backward",
)
def layer_variance_term_not_normalised(reference):
    def layer_norm_backward(dout, cache):
        dx, dgamma, dbeta = reference.layer_norm_backward(dout, cache)
        normal, inverse, gamma = cache
        along = (dout * gamma * normal).mean(axis=-1, keepdims=True)
        return dx + normal * along * (inverse - 1), dgamma, dbeta

    return layer_norm_backward


@misconception(
    hint="The mean moves with x, too: for that the mean of what comes back to the normalised x is taken away. Where "
    "is it?",
    caught_by="test_layer_backward",
)
def layer_mean_is_a_constant(reference):
    def layer_norm_backward(dout, cache):
        dx, dgamma, dbeta = reference.layer_norm_backward(dout, cache)
        _, inverse, gamma = cache
        return dx + inverse * (dout * gamma).mean(axis=-1, keepdims=True), dgamma, dbeta

    return layer_norm_backward


@misconception(
    hint="The mean is taken care of. The variance depends on x as well: which term has the normalised x in it?",
    caught_by="test_layer_backward",
)
def layer_variance_is_a_constant(reference):
    def layer_norm_backward(dout, cache):
        _, dgamma, dbeta = reference.layer_norm_backward(dout, cache)
        _, inverse, gamma = cache
        scaled = dout * gamma
        return inverse * (scaled - scaled.mean(axis=-1, keepdims=True)), dgamma, dbeta

    return layer_norm_backward


@misconception(
    hint="gamma stands before the terms of mean and variance: multiply dout by gamma first, then take the "
    "means over the features.",
    caught_by="test_layer_backward",
)
def gamma_after_the_means(reference):
    def layer_norm_backward(dout, cache):
        _, dgamma, dbeta = reference.layer_norm_backward(dout, cache)
        normal, inverse, gamma = cache
        mean = dout.mean(axis=-1, keepdims=True)
        along = (dout * normal).mean(axis=-1, keepdims=True)
        return gamma * inverse * (dout - mean - normal * along), dgamma, dbeta

    return layer_norm_backward


@misconception(
    hint="dgamma and dbeta have the shape (D,): with more than two axes the sum is over all but the last.",
    caught_by="test_layer_gradient_shapes",
)
def sums_over_the_first_axis_only(reference):
    def layer_norm_backward(dout, cache):
        dx, _, _ = reference.layer_norm_backward(dout, cache)
        return dx, (dout * cache[0]).sum(axis=0), dout.sum(axis=0)

    return layer_norm_backward


# One layer of two


@misconception(
    hint="The bias goes through the normalisation as well: what becomes of b in gamma * (x @ w + b - mean) "
    "/ deviation?",
    caught_by="test_fold",
)
def fold_leaves_the_bias(reference):
    def fold_batch_norm(w, b, norm):
        folded_w, folded_b = reference.fold_batch_norm(w, b, norm)
        scale = norm.gamma / np.sqrt(norm.running_var + norm.eps)
        return folded_w, folded_b - np.asarray(b) * scale + b

    return fold_batch_norm


@misconception(
    hint="Both parts of the fold: is the running mean subtracted before the scale is applied?",
    caught_by="test_fold",
)
def fold_without_the_mean(reference):
    def fold_batch_norm(w, b, norm):
        folded_w, folded_b = reference.fold_batch_norm(w, b, norm)
        scale = norm.gamma / np.sqrt(norm.running_var + norm.eps)
        return folded_w, folded_b + norm.running_mean * scale

    return fold_batch_norm


@misconception(
    hint="The layer adds eps to every variance before the root, in use as well. Is norm.eps in your scale?",
    caught_by="test_fold",
)
def fold_without_eps(reference):
    def fold_batch_norm(w, b, norm):
        reference.fold_batch_norm(w, b, norm)
        scale = norm.gamma / np.sqrt(norm.running_var)
        return w * scale, (b - norm.running_mean) * scale + norm.beta

    return fold_batch_norm


@misconception(
    hint="gamma / deviation scales all of x @ w + b - mean. Is the running mean subtracted behind that scale?",
    caught_by="test_fold",
)
def fold_subtracts_the_mean_unscaled(reference):
    def fold_batch_norm(w, b, norm):
        folded_w, folded_b = reference.fold_batch_norm(w, b, norm)
        scale = norm.gamma / np.sqrt(norm.running_var + norm.eps)
        return folded_w, folded_b + norm.running_mean * (scale - 1)

    return fold_batch_norm
