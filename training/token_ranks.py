"""Train the `yinju_zh` token ranks: a byte-level BPE in tiktoken's rank format.

Run `python -m training.token_ranks --data DIR --out FILE`. The sample is drawn with a fixed seed;
a tenth of it is turned into traditional characters, so that traditional text is not counted at
three tokens a character. Before the file is written, 500 texts that were not sampled must tokenise
the same in `tokenizers` and in `tiktoken`, and decode to themselves.
"""

from __future__ import annotations

import argparse
import base64
import random
import time
from pathlib import Path

import tiktoken
from opencc import OpenCC
from tokenizers import Regex, Tokenizer
from tokenizers.decoders import ByteLevel as ByteLevelDecoder
from tokenizers.models import BPE
from tokenizers.pre_tokenizers import ByteLevel, Sequence, Split
from tokenizers.trainers import BpeTrainer

from training.corpus import read_texts
from vectorstore.tiktoken_ext.yinju_zh import PATTERN

SEED = 20240501
RANKS = 16_384
CHECKED_TEXTS = 500
MAX_TEXT_CHARS = 2_000
TRADITIONAL_SHARE = 0.1
SAMPLE_CHARS = {
    "crud_news.text": 3_600_000,
    "cctv_news.text": 1_200_000,
    "csl_abstracts.text": 500_000,
    "headlines.text": 300_000,
    "cmrc2018_train.qa": 900_000,
    "medical_qa.pairs": 500_000,
    "laws_cn.pairs": 500_000,
    "dureader2_demo.pairs": 300_000,
}


def sample_texts(data: Path, *, seed: int) -> tuple[list[str], list[str]]:
    """Return (texts to train on, texts to check with), each text at most `MAX_TEXT_CHARS`."""
    chooser = random.Random(seed)
    traditional = OpenCC("s2t")
    training: list[str] = []
    checking: list[str] = []
    for name, most_chars in SAMPLE_CHARS.items():
        texts = [text[:MAX_TEXT_CHARS] for text in read_texts(data, name)]
        chooser.shuffle(texts)
        budget_chars = most_chars
        while texts and budget_chars > 0:
            text = texts.pop()
            budget_chars -= len(text)
            convert = chooser.random() < TRADITIONAL_SHARE
            training.append(traditional.convert(text) if convert else text)
        checking += texts[:CHECKED_TEXTS]
    return training, chooser.sample(checking, CHECKED_TEXTS)


def train(texts: list[str], *, ranks: int) -> Tokenizer:
    """Train a byte-level BPE of `ranks` tokens, cut by the pattern that tiktoken will use."""
    tokenizer = Tokenizer(BPE())
    tokenizer.pre_tokenizer = Sequence(
        [
            Split(Regex(PATTERN), behavior="isolated"),
            ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    tokenizer.decoder = ByteLevelDecoder()
    trainer = BpeTrainer(
        vocab_size=ranks,
        initial_alphabet=sorted(ByteLevel.alphabet()),
        show_progress=False,
        max_token_length=24,
    )
    tokenizer.train_from_iterator(texts, trainer)
    return tokenizer


def byte_characters() -> dict[str, int]:
    """Return GPT-2's alphabet: the printable character that stands for each byte."""
    printable = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    hidden = [byte for byte in range(256) if byte not in set(printable)]
    return {chr(byte): byte for byte in printable} | {
        chr(256 + place): byte for place, byte in enumerate(hidden)
    }


def token_bytes(tokenizer: Tokenizer) -> dict[bytes, int]:
    """Return the bytes of every token with its rank, which is its id."""
    alphabet = byte_characters()
    return {
        bytes(alphabet[character] for character in token): rank
        for token, rank in tokenizer.get_vocab().items()
    }


def check(tokenizer: Tokenizer, encoding: tiktoken.Encoding, texts: list[str]) -> None:
    """Raise `ValueError` unless both libraries give every text the same tokens, and it back."""
    for text in texts:
        tokens = encoding.encode_ordinary(text)
        if tokens != tokenizer.encode(text).ids:
            raise ValueError(f"tokenizers and tiktoken differ on {text[:80]!r}")
        if encoding.decode(tokens) != text:
            raise ValueError(f"decoding does not give back {text[:80]!r}")


def main() -> None:
    """Train, check and write the rank file named on the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--data", type=Path, required=True, help="folder of *.jsonl.xz files")
    parser.add_argument("--out", type=Path, required=True, help="rank file to write")
    arguments = parser.parse_args()
    started = time.perf_counter()
    training, checking = sample_texts(arguments.data, seed=SEED)
    tokenizer = train(training, ranks=RANKS)
    ranks = token_bytes(tokenizer)
    encoding = tiktoken.Encoding("yinju_zh", pat_str=PATTERN, mergeable_ranks=ranks, special_tokens={})
    check(tokenizer, encoding, checking)
    ordered = sorted(ranks.items(), key=lambda item: item[1])
    lines = (b"%s %d\n" % (base64.b64encode(token), rank) for token, rank in ordered)
    arguments.out.write_bytes(b"".join(lines))
    tokens = sum(len(encoding.encode_ordinary(text)) for text in checking)
    print(
        f"{len(ranks)} ranks from {sum(map(len, training))} characters;"
        f" {len(checking)} unseen texts agree and round-trip,"
        f" {tokens / sum(map(len, checking)):.3f} tokens per character;"
        f" {(time.perf_counter() - started) / 60:.1f} minutes"
    )


if __name__ == "__main__":
    main()
