"""Choose the embedder's pieces: characters, cohesive words of two to four characters, numbers.

Everything but letters and digits is dropped. A unigram model then cuts each run of them into the
likeliest pieces, none of which mixes Han, digits and other letters. It reads a trie once per
character, so it keeps up with ingest, and it needs no normaliser because the text arrives folded.

Words are Han n-grams whose parts stand together far more often than chance (pointwise mutual
information over the worst cut). tokenizers' own UnigramTrainer prefers long frequent phrases
("的第一个") and cuts names and everyday words into characters, which matters to retrieval.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from math import log

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix  # type: ignore[import-untyped]  # ships no types
from tokenizers import Regex, Tokenizer
from tokenizers.models import Unigram
from tokenizers.pre_tokenizers import Split

BETWEEN_RUNS = r"[^\p{L}\p{M}\p{N}]+"
"""What is dropped; matching this takes a fifth off the whole, against matching the runs."""
UNKNOWN = "[UNK]"
FIRST_HAN, LAST_HAN = 0x4E00, 0x9FFF
RADIX = 1 << 15
LATIN_OR_DIGITS = re.compile(r"[a-z]+|[0-9]+")
CANDIDATES = {2: (30_000, 10, 0.5), 3: (4_000, 25, 3.0), 4: (2_500, 40, 4.0)}
"""For n-grams of each length: how many at most, least count, least mutual information (nats)."""
CHARACTERS = 6_600
LATIN_WORDS, NUMBERS, LONGEST_NUMBER = 1_500, 400, 4
EDGE_PENALTY = 2.0
EDGES = frozenset("的了是在和与及并将对也就都而或被把这那其等于以为从向到让由但又很更最不有你我他她它们")
"""Function characters: a word that starts or ends with one is less likely a word."""
PARTICLES = frozenset("的了")
WORDS_WITH_PARTICLES = frozenset({"目的", "的士", "的确", "标的", "了解", "为了", "了不起"})
ROUNDS = 2
Counts = tuple[npt.NDArray[np.int64], npt.NDArray[np.float64]]


def count_grams(texts: Mapping[str, str], weights: Mapping[str, float], *, length: int) -> Counts:
    """Return the Han n-grams of `length` as sorted integers, and their weighted counts."""
    keys: list[npt.NDArray[np.int64]] = []
    counts: list[npt.NDArray[np.float64]] = []
    for name, text in texts.items():
        codes = np.frombuffer(text.encode("utf-32-le"), dtype=np.uint32).astype(np.int64)
        han = (codes >= FIRST_HAN) & (codes <= LAST_HAN)
        places = len(codes) - length + 1
        inside = np.ones(places, dtype=bool)
        grams = np.zeros(places, dtype=np.int64)
        for step in range(length):
            inside &= han[step : places + step]
            grams = grams * RADIX + (codes[step : places + step] - FIRST_HAN)
        found, times = np.unique(grams[inside], return_counts=True)
        frequent = times >= (1 if length == 1 else 3)
        keys.append(found[frequent])
        counts.append(times[frequent].astype(np.float64) * weights[name])
    every, places_of = np.unique(np.concatenate(keys), return_inverse=True)
    totals = np.bincount(places_of, weights=np.concatenate(counts))
    return every, totals.astype(np.float64)


def _look_up(counts: Counts, keys: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
    places = np.minimum(np.searchsorted(counts[0], keys), len(counts[0]) - 1)
    found: npt.NDArray[np.float64] = np.where(counts[0][places] == keys, counts[1][places], 1.0)
    return found


def cohesion(grams: Mapping[int, Counts], *, length: int) -> npt.NDArray[np.float64]:
    """Return the pointwise mutual information of each n-gram's parts, at its weakest cut."""
    keys, counts = grams[length]
    total = grams[1][1].sum()
    weakest = np.full(len(keys), np.inf)
    for cut in range(1, length):
        shift = RADIX ** (length - cut)
        left = _look_up(grams[cut], keys // shift)
        right = _look_up(grams[length - cut], keys % shift)
        weakest = np.minimum(weakest, np.log(counts * total / (left * right)))
    return weakest


def spell(key: int, *, length: int) -> str:
    """Return the characters of an n-gram's integer."""
    return "".join(chr(key // RADIX**place % RADIX + FIRST_HAN) for place in reversed(range(length)))


def choose_words(grams: Mapping[int, Counts], *, length: int) -> dict[str, float]:
    """Return the most useful cohesive n-grams of `length` with their counts."""
    most, least_count, least_information = CANDIDATES[length]
    information = cohesion(grams, length=length)
    keys, counts = grams[length]
    scored: list[tuple[float, str, float]] = []
    for place in np.flatnonzero((counts >= least_count) & (information >= least_information)):
        word = spell(int(keys[place]), length=length)
        if PARTICLES & set(word) and word not in WORDS_WITH_PARTICLES:
            continue
        surplus = information[place] - least_information
        surplus -= EDGE_PENALTY * (word[0] in EDGES or word[-1] in EDGES)
        if surplus > 0:
            scored.append((counts[place] ** 0.5 * (surplus + 1), word, counts[place]))
    return {word: count for _, word, count in sorted(scored, reverse=True)[:most]}


def _latin_and_numbers(texts: Mapping[str, str], weights: Mapping[str, float]) -> dict[str, float]:
    found: Counter[str] = Counter()
    for name, text in texts.items():
        for word, times in Counter(LATIN_OR_DIGITS.findall(text)).items():
            found[word] += round(times * weights[name])
    ordered = [word for word, _ in found.most_common() if len(word) > 1]
    latin = [word for word in ordered if word.isalpha()][:LATIN_WORDS]
    numbers = [w for w in ordered if w.isdigit() and len(w) <= LONGEST_NUMBER][:NUMBERS]
    return {word: float(found[word]) for word in latin + numbers}


def _tokenizer(pieces: Mapping[str, float], characters: Sequence[str]) -> Tokenizer:
    """Return a unigram tokenizer of weighted pieces; characters without a weight come last."""
    total = sum(pieces.values())
    scores = [(piece, log(weight / total)) for piece, weight in pieces.items()]
    rare = log(0.5 / total)
    scores += [(character, rare) for character in characters if character not in pieces]
    tokenizer = Tokenizer(Unigram([(UNKNOWN, 0.0), *scores], unk_id=0))
    tokenizer.pre_tokenizer = Split(Regex(BETWEEN_RUNS), behavior="removed")
    return tokenizer


def _use(tokenizer: Tokenizer, sample: Sequence[str]) -> Counter[str]:
    used: Counter[str] = Counter()
    for start in range(0, len(sample), 2048):
        batch = list(sample[start : start + 2048])
        for encoding in tokenizer.encode_batch(batch, add_special_tokens=False):
            used.update(encoding.tokens)
    return used


def learn_tokenizer(
    texts: Mapping[str, str], weights: Mapping[str, float], *, sample: Sequence[str], size: int
) -> Tokenizer:
    """Return a tokenizer of at most `size` pieces: count, choose, then re-estimate on `sample`."""
    grams = {n: count_grams(texts, weights, length=n) for n in range(1, max(CANDIDATES) + 1)}
    order = np.argsort(-grams[1][1], kind="stable")[:CHARACTERS]
    characters = [spell(int(grams[1][0][place]), length=1) for place in order]
    characters += list("abcdefghijklmnopqrstuvwxyz0123456789")
    words = _latin_and_numbers(texts, weights)
    for length in CANDIDATES:
        words |= choose_words(grams, length=length)
    pieces = dict(words)
    for _ in range(ROUNDS):
        used = _use(_tokenizer(pieces, characters), sample)
        pieces = {piece: times for piece, times in used.most_common() if piece != UNKNOWN}
    kept = [word for word in pieces if len(word) > 1][: size - len(characters) - 1]
    return _tokenizer({p: pieces[p] for p in kept + characters if p in pieces}, characters)


def parts_of_pieces(tokenizer: Tokenizer) -> csr_matrix:
    """Return the (pieces, pieces) matrix that averages, for each piece, the pieces inside it."""
    vocabulary: dict[str, int] = tokenizer.get_vocab()
    cells: list[tuple[int, int, float]] = []
    for piece, row in vocabulary.items():
        spans = ((i, j) for i in range(len(piece)) for j in range(i + 1, len(piece) + 1))
        parts = {piece[i:j] for i, j in spans} - {piece} if piece != UNKNOWN else set()
        found = sorted(vocabulary[part] for part in parts if part in vocabulary)
        cells += [(row, column, 1 / len(found)) for column in found]
    rows, columns, shares = zip(*cells, strict=True)
    shape = (len(vocabulary), len(vocabulary))
    return csr_matrix((np.array(shares, dtype=np.float32), (rows, columns)), shape=shape)
