"""Where things lie on the timeline."""

from dataclasses import replace

import pytest

from api.timeline import LEAST_WIDTH, has_times, timeline_of
from nlp.report import analyse_session
from nlp.transcript import Speaker, Turn
from tests.gold_tagger import GoldTagger, written_session


@pytest.fixture(scope="module")
def report():
    return analyse_session(written_session("w13-26"), GoldTagger())


def turn(index, start=None, end=None, text="word"):
    return Turn(index, f"t{index}", Speaker.CLIENT, text, start=start, end=end)


def test_everything_lies_between_the_edges_and_in_order(report):
    line = timeline_of(report)
    assert line.starts == tuple(sorted(line.starts)) and line.starts[0] == 0
    for thing in (*line.blocks, *line.stretches):
        assert 0 <= thing.x and thing.x + thing.width <= 100.1
    assert [b.number for b in line.blocks] == list(range(1, len(report.ruptures) + 1))


def test_a_moment_of_one_turn_is_wide_enough_to_hit(report):
    first = replace(report.ruptures[0], last_turn=report.ruptures[0].first_turn)
    line = timeline_of(replace(report, ruptures=(first,)))
    assert line.blocks[0].width >= LEAST_WIDTH


def test_every_repair_of_a_rupture_has_its_tick(report):
    repairs = {t for r in report.ruptures for t in r.repairs}
    assert {tick.turn for tick in timeline_of(report).ticks} == repairs != set()


def test_times_that_go_backwards_are_not_an_axis():
    assert has_times((turn(0, 0.0), turn(1, 4.0)))
    assert not has_times((turn(0, 5.0), turn(1, 4.0), turn(2, 9.0)))
    assert not has_times((turn(0, 0.0), turn(1)))


def test_with_times_the_axis_tells_them(report):
    turns = tuple(
        replace(t, start=60.0 * i, end=60.0 * i + 50) for i, t in enumerate(report.transcript.turns)
    )
    line = timeline_of(replace(report, transcript=replace(report.transcript, turns=turns)))
    assert line.axis[0].text == "0:00" and line.axis[-1].text == f"{len(turns) - 1}:50"
    assert line.starts[1] == pytest.approx(100 * 60 / (60 * (len(turns) - 1) + 50), abs=0.01)
