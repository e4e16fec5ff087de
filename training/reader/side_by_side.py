"""Train in several processes side by side: each reads its own batches, their gradients are averaged."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import torch
import torch.distributed
from torch.multiprocessing.spawn import spawn

MEETING = "meeting"


def run(work: Callable[[int], None], processes: int, folder: Path) -> None:
    """Call `work(rank)` in every process; they meet in a file of `folder`, over the loopback interface."""
    if processes == 1:
        work(0)
        return
    (folder / MEETING).unlink(missing_ok=True)
    spawn(_join, (work, processes, folder), nprocs=processes)  # type: ignore[no-untyped-call]  # torch leaves it untyped


def _join(rank: int, work: Callable[[int], None], processes: int, folder: Path) -> None:
    os.environ["GLOO_SOCKET_IFNAME"] = "lo"
    torch.distributed.init_process_group(
        "gloo", init_method=(folder / MEETING).absolute().as_uri(), rank=rank, world_size=processes
    )
    work(rank)
    torch.distributed.destroy_process_group()


def average_gradients(model: torch.nn.Module) -> None:
    """Give every process the mean of all their gradients; alone, change nothing."""
    if not torch.distributed.is_initialized():
        return
    found = [weight.grad for weight in model.parameters() if weight.grad is not None]
    flat = torch.cat([gradient.flatten() for gradient in found])
    torch.distributed.all_reduce(flat)
    flat /= torch.distributed.get_world_size()
    at = 0
    for gradient in found:
        gradient.copy_(flat[at : at + gradient.numel()].view_as(gradient))
        at += gradient.numel()
