"""A network that reads words in their order (Kim, EMNLP 2014), learnt with NumPy alone.

A word is the sum of the vectors of its features, which share a table by hash (Weinberger et al., ICML 2009), divided by
the root of their number. Filters see each word by itself and between its neighbours; what fits a filter best anywhere
in the text counts. It knows what a bag of features does not: which word stands where.
"""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING, Any, Iterable, List, Mapping, NamedTuple, Sequence, Tuple

import numpy as np
import numpy.typing as npt

from smartcity.nlu.coarse import Coarse
from smartcity.nlu.descent import Moments, Sums, batch_size, error_of, passes

if TYPE_CHECKING:
    from scipy import sparse

Array = npt.NDArray[Any]

BUCKETS = 1 << 15
"""Rows of the table; features that fall into the same one share its vector."""
SIZE = 48
"""Numbers of a word's vector."""
SINGLE, AMONG = 128, 192
"""Filters of a word by itself, and of one between its neighbours."""
BATCH, SMALLEST_BATCH = 512, 16
"""Most and fewest texts that are learnt at once."""
STEPS = 1000
"""Steps at least, within the passes that are allowed."""
PASSES = (5, 30)
"""Fewest and most times that each text is read."""
DROPPED_FEATURES, DROPPED_WORDS, DROPPED_FILTERS = 0.3, 0.1, 0.3
"""Shares that are left out at random while it learns."""
RATE_OF_TABLE, RATE = 0.12, 0.003
"""Size of the first steps of the table, and of all others; both fall evenly."""
LEAST_RATE = 0.02
"""Share of the rate that is left at the end."""
FIRST_VECTORS = 0.3
"""Standard deviation of the table before anything is learnt."""
STEP = 1.0
"""Step of the stored table, in standard deviations of it."""


def buckets_of(features: Iterable[str]) -> List[int]:
    """The rows of these features in the table."""
    return [zlib.crc32(feature.encode()) % BUCKETS for feature in features]


class Corpus(NamedTuple):
    """Texts as numbers of words.

    `words` holds those of all texts, `starts` where each text begins and the last one ends, `features` the features of
    each word, shape (words known, BUCKETS). Word 0 has none: it stands outside of texts and for one without words.
    """

    words: Array
    starts: Array
    features: sparse.csr_matrix

    @classmethod
    def of(cls, texts: Sequence[Sequence[str]], buckets: Mapping[str, Sequence[int]]) -> Corpus:
        """Texts of words; `buckets` are those of each word."""
        from scipy import sparse  # only training needs it

        numbers = {word: number for number, word in enumerate(buckets, start=1)}
        words = np.array([number for said in texts for number in [numbers[word] for word in said] or [0]], np.int32)
        starts = np.concatenate([[0], np.cumsum([len(said) or 1 for said in texts])])
        counts = np.array([0, *(len(found) for found in buckets.values())])
        columns = np.array([bucket for found in buckets.values() for bucket in found], np.int32)
        values = np.repeat(1 / np.sqrt(np.maximum(counts, 1)), counts).astype(np.float32)
        pointers = np.concatenate([[0], np.cumsum(counts)])
        return cls(words, starts, sparse.csr_matrix((values, columns, pointers), shape=(len(counts), BUCKETS)))

    def of_texts(self, texts: Array) -> Corpus:
        """That of these texts alone, by their numbers."""
        words, lengths = self.drawn(texts)
        return self._replace(words=words, starts=np.concatenate([[0], np.cumsum(lengths)]))

    def drawn(self, texts: Array) -> Tuple[Array, Array]:
        """The words of these texts, one text after the other, and how many each has."""
        begins = self.starts[texts]
        lengths = self.starts[texts + 1] - begins
        ends = np.cumsum(lengths)
        return self.words[np.repeat(begins - ends + lengths, lengths) + np.arange(ends[-1])], lengths


class Convolution(NamedTuple):
    """`filters` of shape (SIZE, SINGLE + 3 AMONG), `bias` (SINGLE + AMONG,), `output` (SINGLE + AMONG, labels) and
    `last` (labels,); float32. `table` has shape (BUCKETS, SIZE).
    """

    table: Coarse
    filters: Array
    bias: Array
    output: Array
    last: Array

    def vector(self, buckets: Sequence[int]) -> Array:
        """The vector of a word with these features, shape (SIZE,)."""
        rows = np.array(buckets, np.int64)
        return self.table.weighted_sum(rows, np.full(len(rows), len(rows) ** -0.5 if len(rows) else 1.0))

    def read(self, vectors: Array) -> Array:
        """Scores of one text, shape (labels,), from the vectors of its words, shape (words, SIZE)."""
        seen = np.pad(vectors @ self.filters, ((1, 1), (0, 0)))
        best = _fitting(seen, np.arange(1, len(seen) - 1)).max(axis=0)
        found: Array = np.maximum(best + self.bias, 0) @ self.output + self.last
        return found

    def scores(self, corpus: Corpus) -> Array:
        """Scores of each text, shape (texts, labels)."""
        seen = (corpus.features @ self.table.weights) @ self.filters
        found = []
        for texts in np.array_split(np.arange(len(corpus.starts) - 1), -(-len(corpus.starts) // BATCH)):
            words, lengths = corpus.drawn(texts)
            row, places = _row(words, lengths)
            best = np.maximum.reduceat(_fitting(seen[row], places), np.cumsum(lengths) - lengths, axis=0)
            found.append(np.maximum(best + self.bias, 0) @ self.output + self.last)
        return np.concatenate(found)

    def short(self) -> Convolution:
        """The same as it is stored: two bytes for each number outside of the table."""
        table, *dense = self
        return Convolution(table, *(array.astype(np.float16).astype(np.float32) for array in dense))

    def scaled(self, factor: float) -> Convolution:
        """The same, with scores so many times larger."""
        return self._replace(output=self.output * np.float32(factor), last=self.last * np.float32(factor))


def _row(words: Array, lengths: Array) -> Tuple[Array, Array]:
    """All texts in one row with word 0 around each, and the places of their words in it."""
    places = np.arange(len(words)) + np.repeat(np.arange(1, len(lengths) + 1), lengths)
    row = np.zeros(len(words) + len(lengths) + 1, np.int32)
    row[places] = words
    return row, places


def _fitting(seen: Array, places: Array) -> Array:
    """How well the words at these places fit each filter, shape (places, SINGLE + AMONG).

    `seen` has shape (row, SINGLE + 3 AMONG): what each word adds to the filters by itself, to those of its right
    neighbour, to its own, and to those of its left one.
    """
    found = np.empty((len(places), SINGLE + AMONG), np.float32)
    found[:, :SINGLE] = seen[places, :SINGLE]
    found[:, SINGLE:] = seen[places - 1, SINGLE : SINGLE + AMONG]
    found[:, SINGLE:] += seen[places, SINGLE + AMONG : SINGLE + 2 * AMONG]
    found[:, SINGLE:] += seen[places + 1, SINGLE + 2 * AMONG :]
    return found


def train_convolution(corpus: Corpus, texts: Array, truth: Array, labels: int, seed: int) -> Convolution:
    """Learn `truth`, label numbers of shape (texts,), of these texts of the corpus, by their numbers.

    On one core, so that the same seed gives the same network whatever the number of cores.
    """
    from threadpoolctl import threadpool_limits  # only training needs it

    with threadpool_limits(1):
        return _Learner(corpus, texts, truth, labels, np.random.default_rng(seed)).learnt()


class _Learner:
    def __init__(self, corpus: Corpus, texts: Array, truth: Array, labels: int, rng: np.random.Generator) -> None:
        self._corpus = corpus
        self._texts = texts
        self._truth = truth
        self._rng = rng
        self._size = batch_size(len(texts), SMALLEST_BATCH, BATCH)
        self._passes = passes(len(texts), self._size, STEPS, *PASSES)
        self._steps = -(-len(texts) // self._size) * self._passes
        self._table = rng.standard_normal((BUCKETS, SIZE), dtype=np.float32) * np.float32(FIRST_VECTORS)
        self._of_table = Sums(self._table)
        filters = rng.standard_normal((SIZE, SINGLE + 3 * AMONG), dtype=np.float32) / np.float32(np.sqrt(SIZE))
        output = rng.standard_normal((SINGLE + AMONG, labels), dtype=np.float32) / np.float32(np.sqrt(SINGLE + AMONG))
        self._dense = [filters, np.zeros(SINGLE + AMONG, np.float32), output, np.zeros(labels, np.float32)]
        self._of_dense = [Moments(array) for array in self._dense]

    def learnt(self) -> Convolution:
        count = 0
        for _ in range(self._passes):
            order = self._rng.permutation(len(self._texts))
            for start in range(0, len(order), self._size):
                count += 1
                chosen = order[start : start + self._size]
                self._learn(*self._corpus.drawn(self._texts[chosen]), self._truth[chosen], count)
        return Convolution(Coarse.of(self._table, STEP), *self._dense)

    def _learn(self, words: Array, lengths: Array, truth: Array, count: int) -> None:
        """One step, on the words of some texts."""
        filters, bias, output, last = self._dense
        row, places = _row(np.where(self._rng.random(len(words), dtype=np.float32) < DROPPED_WORDS, 0, words), lengths)
        kinds, row = np.unique(row, return_inverse=True)
        features, used = self._drawn(kinds)
        vectors = features @ self._table[used]
        fitting = _fitting((vectors @ filters)[row], places)
        best = np.maximum.reduceat(fitting, np.cumsum(lengths) - lengths, axis=0)
        hidden = best + bias
        kept = self._rng.random(hidden.shape, dtype=np.float32) >= DROPPED_FILTERS
        passed = (kept & (hidden > 0)) * np.float32(1 / (1 - DROPPED_FILTERS))
        hidden *= passed
        error = error_of(hidden @ output + last, truth)
        back = (error @ output.T) * passed
        # What fits a filter best is all that it learns from.
        text = np.repeat(np.arange(len(lengths)), lengths)
        place, number = np.nonzero((fitting == best[text]) & (passed[text] > 0))
        seen = self._of_words(row, places[place], number, back[text[place], number], len(kinds))
        rate = max(LEAST_RATE, 1 - count / self._steps)
        of_vectors = seen @ filters.T
        gradients = (vectors.T @ seen, back.sum(axis=0), hidden.T @ error, error.sum(axis=0))
        for array, moments, gradient in zip(self._dense, self._of_dense, gradients):
            array -= moments.step(gradient, count, RATE * rate)
        self._table[used] -= self._of_table.step(features.T @ of_vectors, RATE_OF_TABLE * rate, used)

    @staticmethod
    def _of_words(row: Array, places: Array, numbers: Array, gradients: Array, kinds: int) -> Array:
        """Gradients of what each word adds to the filters, shape (kinds, SINGLE + 3 AMONG), from those of filters."""
        found = np.empty((kinds, SINGLE + 3 * AMONG), np.float32)
        single = numbers < SINGLE
        among = ~single
        summed = np.bincount(row[places[single]] * SINGLE + numbers[single], gradients[single], kinds * SINGLE)
        found[:, :SINGLE] = summed.reshape(kinds, SINGLE)
        for part, beside in enumerate((-1, 0, 1)):
            cells = row[places[among] + beside] * AMONG + numbers[among] - SINGLE
            start = SINGLE + part * AMONG
            found[:, start : start + AMONG] = np.bincount(cells, gradients[among], kinds * AMONG).reshape(kinds, AMONG)
        return found

    def _drawn(self, kinds: Array) -> Tuple[sparse.csr_matrix, Array]:
        """The features of these words, some left out, shape (words, used); and which rows of the table are used."""
        from scipy import sparse

        drawn = self._corpus.features[kinds]
        kept = self._rng.random(len(drawn.data), dtype=np.float32) >= DROPPED_FEATURES
        pointers = np.concatenate([[0], np.cumsum(kept)])[drawn.indptr]
        used, columns = np.unique(drawn.indices[kept], return_inverse=True)
        values = drawn.data[kept] * np.float32(1 / (1 - DROPPED_FEATURES))
        return sparse.csr_matrix((values, columns, pointers), shape=(len(kinds), len(used))), used
