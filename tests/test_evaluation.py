import json
from dataclasses import replace

import numpy as np
import pytest

from annotation.corpus import DATA, load_contrast, load_written
from models.artifact import ARTIFACTS, DEFAULT, load_card
from models.baselines import BASELINES
from models.evaluation import contrast_figures, evaluate
from models.judging import judge
from models.modelcard import CAVEAT, model_card
from models.network import KINDS
from models.recipes import run_evaluation
from models.slices import slice_figures, style
from models.tables import evaluation_markdown
from nlp.codebook import load_codebook
from nlp.errors import InputError
from nlp.tagging import TurnScores
from tests.gold_tagger import GoldTagger


class Constant:
    """A tagger that says the same of every turn: what evaluation must not be fooled by."""

    info = GoldTagger().info

    def score(self, transcript, progress=None):
        codebook = load_codebook()
        return [
            TurnScores(
                t.index, 0.3, 0.3, 0.3, 0.3, {c.id: 0.3 for c in codebook.codes}, (0.3,) * len(t.sentences)
            )
            for t in transcript.turns
        ]


@pytest.fixture(scope="module")
def sessions():
    return load_written("dev")[:6]


def figures_of(tagger, sessions):
    return evaluate(
        [judge(c, tagger, load_codebook()) for c in sessions], tagger.info, load_codebook(), rounds=50
    )


def test_the_coders_own_tags_score_perfectly(sessions):
    figures = figures_of(GoldTagger(), sessions)
    for kind in KINDS:
        assert figures["kinds"][kind]["auprc"] == 1
        assert figures["kinds"][kind]["kappa"]["writer"] == 1
        assert figures["counts_icc"][kind] == pytest.approx(1)
        assert figures["kinds"][kind]["false_alarms_per_100"]["balanced"] == 0
    assert figures["evidence_token_f1"] > 0.6
    assert figures["ruptures"]["f1"] > 0.7 and figures["ruptures"]["touched"] == 1


def test_saying_the_same_of_every_turn_scores_the_base_rate(sessions):
    figures = figures_of(Constant(), sessions)
    for kind in KINDS:
        found = figures["kinds"][kind]
        assert found["auprc"] == pytest.approx(found["prevalence"], abs=1e-4)
        assert found["auprc_interval"][0] <= found["auprc"] <= found["auprc_interval"][1]


def test_the_second_coder_is_compared_with_the_first_on_the_same_turns(sessions):
    kappa = figures_of(GoldTagger(), sessions)["kinds"]["rupture"]["coder_kappa"]
    assert 0.5 < kappa < 1


def test_pairs_that_score_alike_count_as_not_told_apart():
    figures = contrast_figures(load_contrast("dev"), Constant())
    assert figures["rupture_above"] == 0 and figures["pairs"] == 28


@pytest.mark.parametrize("name", ["TF-IDF", "turn length", "sentiment (VADER)"])
def test_a_baseline_ranks_marked_turns_above_others(name, sessions):
    train = load_written("train")[:60]
    scores = BASELINES[name](train, sessions, load_codebook())
    judged = [judge(c, GoldTagger(), load_codebook()) for c in sessions]
    rows = [j.applies[:, 0] for j in judged]
    marked = np.concatenate(
        [s[r, 0][j.reference[r, 0]] for s, r, j in zip(scores, rows, judged, strict=True)]
    )
    others = np.concatenate(
        [s[r, 0][~j.reference[r, 0]] for s, r, j in zip(scores, rows, judged, strict=True)]
    )
    assert marked.mean() > others.mean()


def test_the_codebooks_cues_are_counted_by_kind(sessions):
    transcript = sessions[0].transcript
    said = (
        replace(transcript.turns[0], text="Right, I'm fine. You're not listening."),
        *transcript.turns[1:],
    )
    coded = replace(sessions[0], transcript=replace(transcript, turns=said))
    (scores,) = BASELINES["codebook cues"]([], [coded], load_codebook())
    assert dict(zip(KINDS, scores[0], strict=True)) == {
        "rupture": 2,
        "withdrawal": 1,
        "confrontation": 1,
        "repair": 0,
    }


def test_every_turn_is_in_one_slice_of_each_way_of_slicing(sessions):
    figures = slice_figures([judge(c, GoldTagger(), load_codebook()) for c in sessions], GoldTagger().info)
    client_turns = sum(t.speaker == "client" for c in sessions for t in c.transcript.turns)
    for slices in figures.values():
        assert sum(found["rupture"]["turns"] for found in slices.values()) == client_turns
        assert all(found["rupture"]["false_alarms_per_100"] == 0 for found in slices.values())


def test_a_machine_transcript_and_runs_of_one_speaker_are_told_by_their_looks(sessions):
    transcript = sessions[0].transcript
    heard = tuple(replace(t, text=t.text.lower().rstrip(".?!")) for t in transcript.turns)
    doubled = tuple(turn for turn in transcript.turns for _ in range(2))
    looks = [
        style(replace(sessions[0], transcript=replace(transcript, turns=turns)))
        for turns in (transcript.turns, heard, doubled)
    ]
    assert looks == ["written by people", "machine transcript", "several turns in a row"]


def test_a_folder_of_coded_data_is_evaluated_whole(tmp_path, sessions):
    rows = (DATA / "written_sessions.jsonl").read_text(encoding="utf-8").splitlines()[:2]
    (tmp_path / "written_sessions.jsonl").write_text("\n".join(rows), encoding="utf-8")
    results = run_evaluation(
        GoldTagger(), print, tmp_path, "dev", compare=[Constant()], baselines=False, rounds=20
    )
    assert list(results) == ["written"] and results["written"]["sessions"] == 2
    beside = next(iter(results["written"]["compared"].values()))
    assert beside["rupture"]["gain"] > 0.5 and results["written"]["kinds"]["rupture"]["coder_kappa"] is None


def test_a_folder_without_coded_data_is_named(tmp_path):
    with pytest.raises(InputError, match=tmp_path.name):
        run_evaluation(GoldTagger(), print, tmp_path)


@pytest.mark.parametrize("folder", sorted(f for f in ARTIFACTS.iterdir() if f.is_dir()), ids=lambda f: f.name)
def test_a_committed_model_card_is_what_its_metrics_say(folder):
    results = json.loads((folder / "metrics.json").read_text(encoding="utf-8"))
    written = (folder / "README.md").read_text(encoding="utf-8")
    assert written == model_card(load_card(folder), results)
    assert CAVEAT in written and evaluation_markdown(results) in written


def test_the_figures_in_the_readme_are_those_of_the_tagger_that_ships():
    readme = (ARTIFACTS.parent.parent / "README.md").read_text(encoding="utf-8")
    metrics = json.loads((ARTIFACTS / DEFAULT / "metrics.json").read_text(encoding="utf-8"))
    for source in ("written", "annomi"):
        for kind, found in metrics[source]["kinds"].items():
            low, high = found["auprc_interval"]
            assert (
                f"| {kind} | {found['prevalence']:.2f} | {found['auprc']:.2f} ({low:.2f} to {high:.2f}) |"
                in readme
            )
