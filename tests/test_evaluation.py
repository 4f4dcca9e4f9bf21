import json

import numpy as np
import pytest

from annotation.corpus import load_contrast, load_written
from models.artifact import ARTIFACTS, DEFAULT, load_card
from models.baselines import tfidf_baseline
from models.evaluation import contrast_figures, evaluate, judge
from models.modelcard import CAVEAT, evaluation_markdown, model_card
from models.network import KINDS
from nlp.codebook import load_codebook
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
        assert figures["kinds"][kind]["kappa"] == 1
        assert figures["kinds"][kind]["false_alarms_per_100"]["balanced"] == 0
    assert figures["evidence_token_f1"] > 0.6


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


def test_the_baseline_learns_something_from_words_alone(sessions):
    train = load_written("train")[:60]
    scores = tfidf_baseline(train, sessions, load_codebook())
    judged = [judge(c, GoldTagger(), load_codebook()) for c in sessions]
    rows = [j.applies[:, 0] for j in judged]
    marked = np.concatenate(
        [s[r, 0][j.coders[0][r, 0]] for s, r, j in zip(scores, rows, judged, strict=True)]
    )
    others = np.concatenate(
        [s[r, 0][~j.coders[0][r, 0]] for s, r, j in zip(scores, rows, judged, strict=True)]
    )
    assert marked.mean() > others.mean() + 0.05


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
