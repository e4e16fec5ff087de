"""Train the reader in stages; a stage whose file is in the output folder is not run again.

`python -m training.reader --data DIR --out DIR` learns the vocabulary, then from questions made of
the news, then from human questions mixed with more news, fits the calibration and exports to
`<out>/model`. One core goes at about 8,000 characters a second.
"""

from __future__ import annotations

import argparse
from functools import partial
from pathlib import Path

from training.reader.recipe import SHIPPED, make_vocabulary, train
from training.reader.side_by_side import run


def main() -> None:
    """Parse the arguments and train."""
    parser = argparse.ArgumentParser(prog="python -m training.reader", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder of the training files (*.jsonl.xz)")
    parser.add_argument("--out", type=Path, required=True, help="folder for checkpoints and the model")
    parser.add_argument("--processes", type=int, default=1, help="one a core; gradients are averaged")
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    make_vocabulary(arguments.data, arguments.out)
    run(partial(train, arguments.data, arguments.out, SHIPPED), arguments.processes, arguments.out)


if __name__ == "__main__":
    main()
