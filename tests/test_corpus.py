import pytest

from annotation.corpus import DATA, load_annomi, load_contrast, load_splits, load_written
from nlp.codebook import load_codebook
from nlp.errors import InputError
from nlp.transcript import Speaker


def test_no_session_or_pair_is_in_two_splits():
    for source in load_splits().values():
        assert not set(source["train"]) & set(source["dev"])


def test_the_splits_name_every_written_session():
    by_split = [[c.transcript.id for c in load_written(split)] for split in ("train", "dev", None)]
    assert sorted(by_split[0] + by_split[1]) == sorted(by_split[2]) == sorted(set(by_split[2]))
    assert len(by_split[2]) == 790


def test_sessions_written_later_are_for_training_only():
    assert {c.transcript.id.split("-")[0] for c in load_written("dev")} <= {f"w{n}" for n in range(1, 15)} | {
        "full"
    }


def test_good_and_bad_twins_stay_together():
    demonstrations = {
        s: [c for c in load_written(s) if c.transcript.id.startswith("w13-")] for s in ("train", "dev")
    }
    places = {s: {c.about["setting"][:20] for c in coded} for s, coded in demonstrations.items()}
    assert places["train"] and places["dev"] and not places["train"] & places["dev"]


def test_evidence_lies_within_its_turn_for_every_coder():
    for coded in load_written():
        for tags in coded.tags.values():
            for tag in tags:
                text = coded.transcript.turns[tag.turn].text
                assert 0 <= tag.evidence.start < tag.evidence.end <= len(text)


def test_markers_are_on_client_turns_and_strategies_on_therapist_turns():
    codebook = load_codebook()
    for coded in load_written():
        for tag in coded.tags["writer"]:
            assert tag.code in codebook.codes_for(coded.transcript.turns[tag.turn].speaker)


def test_a_session_that_nobody_coded_twice_has_one_coder(tmp_path):
    (tmp_path / "written_sessions.jsonl").write_text(
        "".join((DATA / "written_sessions.jsonl").read_text(encoding="utf-8").splitlines(keepends=True)[:2]),
        encoding="utf-8",
    )
    (tmp_path / "written_tags.blind.jsonl").write_text("", encoding="utf-8")
    first, second = load_written(folder=tmp_path)
    assert set(first.tags) == set(second.tags) == {"writer", "blind"}
    (tmp_path / "written_episodes.blind.jsonl").write_text(
        f'{{"session": "{first.transcript.id}", "episodes": null}}\n', encoding="utf-8"
    )
    first, second = load_written(folder=tmp_path)
    assert set(first.tags) == {"writer", "blind"} and "blind" not in first.episodes
    assert set(second.tags) == {"writer"}


def test_a_contrast_pair_ends_in_a_marked_and_an_unmarked_client_turn():
    for pair in load_contrast():
        for side in (pair.marked, pair.look_alike):
            assert side.transcript.turns[-1].speaker is Speaker.CLIENT
        assert [t.code for t in pair.marked.tags["writer"]] == [pair.code]
        assert not pair.look_alike.tags["writer"]


def test_annomi_without_its_text_says_what_to_do(tmp_path):
    import os

    if os.environ.get("SUTURE_ANNOMI"):
        assert len(load_annomi()) == 76
    else:
        with pytest.raises(InputError, match="SUTURE_ANNOMI"):
            load_annomi()
