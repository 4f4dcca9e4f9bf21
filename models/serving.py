"""Runs the encoder where it is fastest: OpenVINO in bf16, or torch where OpenVINO cannot."""

import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import nn

from models.inputs import Batch
from models.network import Heads, Network, Reader, UnitLogits, UnitStates

BACKENDS = ("openvino", "torch")


@dataclass(frozen=True)
class Served:
    """A Reader whose encoder runs elsewhere: `states` gives (windows, tokens, hidden) of a batch."""

    states: Callable[[Batch], torch.Tensor]
    heads: Heads
    device: torch.device = torch.device("cpu")

    def read(self, batch: Batch) -> UnitStates:
        """See Reader."""
        return self.heads.read(self.states(batch), batch)

    def judge(self, vectors: torch.Tensor, sizes: Sequence[int]) -> UnitLogits:
        """See Reader."""
        return self.heads.judge(vectors, sizes)


class _States(nn.Module):
    """The encoder as OpenVINO's converter wants it: two tensors in, one out."""

    def __init__(self, encoder: nn.Module):
        super().__init__()
        self.encoder = encoder

    def forward(self, ids: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        return self.encoder(input_ids=ids, attention_mask=mask).last_hidden_state


def make_reader(network: Network, backend: str | None = None) -> tuple[Reader, str]:
    """What reads and judges, and the backend's name; `backend` None takes the first that works."""
    if backend == "torch":
        return network, "torch"
    try:
        states = _openvino_states(network)
    except ImportError:
        if backend == "openvino":
            raise
        return network, "torch"
    return Served(states, network.heads), "openvino"


def _openvino_states(network: Network) -> Callable[[Batch], torch.Tensor]:
    import openvino

    ids = torch.randint(5, 500, (2, 16))
    with warnings.catch_warnings():  # the tracer notes branches that do not vary with our inputs
        warnings.simplefilter("ignore")
        model = openvino.convert_model(_States(network.encoder), example_input=(ids, torch.ones_like(ids)))
    compiled = openvino.Core().compile_model(model, "CPU", {"INFERENCE_PRECISION_HINT": "bf16"})
    del model

    def states(batch: Batch) -> torch.Tensor:
        return torch.from_numpy(compiled([batch.ids.numpy(), batch.mask.numpy()])[0].copy())

    return states
