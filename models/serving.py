"""Runs the encoder where it is fastest: OpenVINO in bf16, or torch where OpenVINO cannot."""

import warnings
from collections.abc import Callable

import torch
from torch import nn

from models.inputs import Batch
from models.network import Network
from models.scoring import Run

BACKENDS = ("openvino", "torch")


class _States(nn.Module):
    """The encoder as OpenVINO's converter wants it: two tensors in, one out."""

    def __init__(self, encoder: nn.Module):
        super().__init__()
        self.encoder = encoder

    def forward(self, ids: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        return self.encoder(input_ids=ids, attention_mask=mask).last_hidden_state


def make_run(network: Network, backend: str | None = None) -> tuple[Run, str]:
    """What scores a batch, and the backend's name; `backend` None takes the first that works."""
    if backend == "torch":
        return network, "torch"
    try:
        states = _openvino_states(network)
    except ImportError:
        if backend == "openvino":
            raise
        return network, "torch"
    return lambda batch: network.heads(states(batch), batch), "openvino"


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
