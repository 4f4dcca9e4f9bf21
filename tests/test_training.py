from dataclasses import replace

import numpy as np
import pytest
import torch

from annotation.corpus import load_contrast, load_written
from models.config import TrainingConfig, read_config
from models.encoder import load_encoder
from models.fitting import finish
from models.samples import epoch_batches, prepare
from models.tagger import load_tagger
from models.training import train
from nlp.codebook import load_codebook
from nlp.errors import InputError

CONFIG = TrainingConfig(
    name="tiny", encoder="minilm-l6", limit=96, context=32, training_context=16, epochs=2, batch_tokens=512
)


@pytest.fixture(scope="module")
def data():
    train_split = sorted(load_written("train"), key=lambda c: len(c.transcript.turns))[:1]
    dev = sorted(load_written("dev"), key=lambda c: len(c.transcript.turns))[:1]
    return train_split, load_contrast("train")[:2], dev


@pytest.fixture(scope="module")
def finished(data, tmp_path_factory):
    folder = tmp_path_factory.mktemp("run")
    steps = list(train(CONFIG, *data, load_codebook(), folder))
    return folder, steps


def test_training_reports_every_step_and_dev_figures_after_each_epoch(finished):
    _, steps = finished
    epochs = [s for s in steps if s.figures]
    assert [s.epoch for s in epochs] == [0, 1]
    assert all(
        set(s.figures["written"]) == {"rupture", "withdrawal", "confrontation", "repair"} for s in epochs
    )
    assert [s.step for s in steps if s.epoch == 0 and not s.figures] == list(range(1, epochs[0].steps + 1))


def test_training_lowers_the_loss(data, tmp_path):
    longer = replace(CONFIG, epochs=4, patience=4)
    by_epoch = [s.loss for s in train(longer, *data, load_codebook(), tmp_path) if s.figures]
    assert by_epoch[-1] < 0.9 * by_epoch[0]


def test_a_stopped_run_goes_on_to_the_same_weights(data, finished, tmp_path):
    for step in train(CONFIG, *data, load_codebook(), tmp_path):
        if step.figures:
            break  # as if the machine had gone down after the first epoch
    list(train(CONFIG, *data, load_codebook(), tmp_path))
    whole, resumed = (torch.load(f / "checkpoint.pt", weights_only=True) for f in (finished[0], tmp_path))
    for name, value in whole["network"].items():
        torch.testing.assert_close(resumed["network"][name], value, atol=1e-5, rtol=1e-3)


def test_a_finished_run_becomes_a_tagger_that_loads(data, finished, tmp_path):
    card = finish(CONFIG, finished[0], data[2], load_codebook(), "0.0.1", tmp_path / "tiny")
    tagger = load_tagger(str(tmp_path / "tiny"))
    assert tagger.info.name == "tiny" and tagger.info.thresholds == card.thresholds
    assert len(tagger.score(data[2][0].transcript)) == len(data[2][0].transcript.turns)


def test_every_turn_is_judged_once_an_epoch_at_other_cuts(data):
    samples = prepare(data[0], CONFIG, load_codebook())
    for epoch in (0, 1):
        judged = [
            (id(stretch.sample), u)
            for batch in epoch_batches(samples, [], CONFIG, epoch)
            for stretch in batch.stretches
            for u in stretch.judged
        ]
        assert len(judged) == len(set(judged)) == sum(len(s.units) for s in samples)


def test_the_two_halves_of_a_pair_are_in_one_batch_marked_first(data):
    pairs = [prepare([p.marked, p.look_alike], CONFIG, load_codebook()) for p in data[1]]
    (batch,) = epoch_batches([], pairs, CONFIG, 0)
    rupture = [stretch.sample.targets.kinds[-1, 0] for stretch in batch.stretches]
    np.testing.assert_array_equal(rupture, [1, 0] * len(data[1]))
    assert batch.paired


def test_a_long_session_is_read_in_stretches_of_a_batch_each(data):
    small = replace(CONFIG, batch_tokens=200)
    samples = prepare(data[0], small, load_codebook())
    stretches = [s for batch in epoch_batches(samples, [], small, 0) for s in batch.stretches]
    assert len(stretches) > 1 and all(len(s) <= small.batch_tokens for s in stretches)


def test_training_can_go_on_from_a_tagger(data, tmp_path):
    fresh, further = (
        next(train(replace(CONFIG, begin_from=tagger), *data, load_codebook(), tmp_path / f"run-{tagger}"))
        for tagger in ("", "small")
    )
    assert further.loss < 0.7 * fresh.loss


def test_frozen_layers_stay_as_they_were(data, tmp_path):
    frozen = replace(CONFIG, frozen_layers=5, epochs=1)
    list(train(frozen, *data, load_codebook(), tmp_path))
    learnt = torch.load(tmp_path / "checkpoint.pt", weights_only=True)["network"]
    layers = [dict(layer.named_parameters()) for layer in load_encoder("minilm-l6").encoder.layer]
    for depth, layer in enumerate(layers):
        same = all(torch.equal(learnt[f"encoder.encoder.layer.{depth}.{n}"], p) for n, p in layer.items())
        assert same == (depth < 5)


def test_a_configuration_with_an_unknown_key_is_refused(tmp_path):
    (tmp_path / "odd.toml").write_text('name = "a"\nencoder = "minilm-l6"\nlearnin_rate = 1\n')
    with pytest.raises(InputError, match="learnin_rate"):
        read_config(tmp_path / "odd.toml")
