"""The probabilities of labels from a text's vector, as fastText 0.9.2 has them (``HierarchicalSoftmaxLoss::dfs``,
``SoftmaxLoss::computeOutput``). Kernels for :mod:`filters.fasttext_kernels`.
"""

from __future__ import annotations

import math

import numpy as np

from text.jit.options import inner

_ABOVE_NOTHING = 1e-5  # fastText adds it to each probability before it takes a logarithm


@inner
def multiply(weights, hidden, products):
    """All products of a text's vector at once: eight labels or more an instruction."""
    labels = len(products)
    for label in range(labels):
        products[label] = 0
    for column in range(len(hidden)):
        start, value = np.uint64(column) * np.uint64(labels), hidden[column]
        for label in range(labels):
            products[label] += weights[start + np.uint64(label)] * value


@inner
def softmax(products, found):
    largest, total, best = np.float32(-np.inf), np.float32(0), 0
    for label in range(len(found)):
        largest = max(largest, products[label])
    for label in range(len(found)):
        found[label] = _exp(products[label] - largest)
        total += found[label]
    for label in range(len(found)):
        found[label] = np.float32(found[label] / total + _ABOVE_NOTHING)
        if found[label] > found[best]:
            best = label
    return best


@inner
def through_tree(products, left, right, best_alone, nodes, scores, found):
    """Products of probabilities where fastText has sums of their logarithms. The likelier child comes next, so that with
    ``best_alone`` most of the others can be left out."""
    labels = len(found)
    best, largest = np.int64(-1), np.float32(-1)
    nodes[0], scores[0], waiting = 2 * labels - 2, 1.0, 1
    while waiting:
        waiting -= 1
        node, score = np.int64(nodes[waiting]), scores[waiting]
        if score < _ABOVE_NOTHING or (best_alone and np.float32(score) < largest):
            continue
        if left[node] < 0:
            found[node] = score
            if found[node] > largest or (found[node] == largest and node < best):
                best, largest = node, found[node]
            continue
        share = 1.0 / (1.0 + np.float64(_exp(-products[node - labels])))
        first = np.int64(share <= 0.5)
        nodes[waiting + first], scores[waiting + first] = right[node], score * (share + _ABOVE_NOTHING)
        first = 1 - first
        nodes[waiting + first], scores[waiting + first] = left[node], score * (1.0 - share + _ABOVE_NOTHING)
        waiting += 2
    return best


@inner
def _exp(value):
    return np.float32(math.exp(np.float32(value)))
