import zipfile

import pytest

from models.encoder import assemble, encoder_folder
from nlp.errors import InputError


def test_an_encoder_in_pieces_is_put_together_once(tmp_path):
    whole = tmp_path / "whole.zip"
    with zipfile.ZipFile(whole, "w") as archive:
        archive.writestr("encoder/model.safetensors", b"weights" * 1000)
        archive.writestr("encoder/config.json", "{}")
        archive.writestr("encoder/deeper/other.txt", "left out")
    raw, pieces = whole.read_bytes(), []
    for n, start in enumerate(range(0, len(raw), 100), start=1):
        pieces.append(tmp_path / f"piece.{n:03}")
        pieces[-1].write_bytes(raw[start : start + 100])
    weights = assemble(pieces, tmp_path / "made" / "encoder")
    assert weights.read_bytes() == b"weights" * 1000
    assert {f.name for f in weights.parent.iterdir()} == {"model.safetensors", "config.json"}
    assert assemble([], tmp_path / "made" / "encoder") == weights


def test_an_unknown_encoder_is_named_beside_those_there_are():
    with pytest.raises(InputError, match="'tiny'.*minilm-l6"):
        encoder_folder("tiny")
