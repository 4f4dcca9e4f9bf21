from io import StringIO

from rich.console import Console

from api.training_progress import TrainingProgress
from models.training import Step

FIGURES = {"written": {"rupture": 0.5, "repair": 0.25}, "steer": 0.375}


def shown(steps: list[Step], terminal: bool) -> str:
    out = StringIO()
    with TrainingProgress("small", Console(file=out, force_terminal=terminal, width=120)) as progress:
        for step in steps:
            progress.show(step)
    return out.getvalue()


def test_a_log_gets_a_line_now_and_then_and_one_after_each_epoch():
    steps = [Step(0, n, 40, 0.9, 1.0) for n in range(1, 41)] + [Step(0, 40, 40, 0.8, 2.0, FIGURES, True)]
    lines = shown(steps, terminal=False).splitlines()
    assert [line.split(", loss")[0] for line in lines[:2]] == [
        "small: epoch 1, step 20 of 40",
        "small: epoch 1, step 40 of 40",
    ]
    assert "written rupture 0.500 repair 0.250" in lines[2] and "best" in lines[2] and len(lines) == 3


def test_a_terminal_shows_the_step_and_the_figures_of_every_epoch_so_far():
    screen = shown([Step(0, 40, 40, 0.8, 2.0, FIGURES, True), Step(1, 3, 40, 0.7, 1.0)], terminal=True)
    assert "epoch 2, step 3 of 40" in screen and "0.500" in screen and "0.375" in screen
