import shutil

import pytest

from models.artifact import find_artifact, load_card, load_network
from models.tagger import load_tagger
from nlp.codebook import load_codebook
from nlp.errors import InputError


@pytest.fixture
def copy(tmp_path):
    return shutil.copytree(find_artifact(), tmp_path / "tagger")


def test_altered_weights_are_refused(copy):
    raw = bytearray((copy / "weights.safetensors").read_bytes())
    raw[-1] ^= 1
    (copy / "weights.safetensors").write_bytes(raw)
    with pytest.raises(InputError, match="altered"):
        load_tagger(str(copy))


def test_a_tagger_for_another_codebook_is_refused(copy):
    card = (copy / "tagger.json").read_text().replace('"denial"', '"denying"')
    (copy / "tagger.json").write_text(card)
    with pytest.raises(InputError, match="codebook"):
        load_tagger(str(copy))


def test_an_artefact_stores_no_word_embeddings_and_no_pickle(copy):
    assert {f.name for f in copy.iterdir()} <= {
        "weights.safetensors",
        "tagger.json",
        "metrics.json",
        "moments.jsonl",
        "moments.safetensors",
        "reliability.svg",
        "compared.svg",
        "README.md",
    }
    assert (copy / "weights.safetensors").stat().st_size < 120e6


def test_the_loaded_network_is_ready_to_score(copy):
    network = load_network(copy, load_card(copy), load_codebook())
    assert not network.training
