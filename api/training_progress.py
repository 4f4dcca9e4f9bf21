"""A training run shown on the terminal while it goes on."""

from rich.console import Console
from rich.live import Live
from rich.table import Table

_LINE_EVERY = 20  # steps, where there is no terminal to redraw on


class TrainingProgress:
    """One line that moves with every step, and a row of dev figures after every epoch.

    In a log file, which cannot be redrawn, a plain line now and then.
    """

    def __init__(self, name: str, console: Console | None = None):
        self.name = name
        self.rows: list[list[str]] = []
        self.console = console or Console()
        self.live = Live(console=self.console, refresh_per_second=4)

    def __enter__(self) -> "TrainingProgress":
        if self.console.is_terminal:
            self.live.start()
        return self

    def __exit__(self, *_) -> None:
        self.live.stop()

    def show(self, step) -> None:
        """Take note of a models.training.Step."""
        if step.figures is not None:
            self.rows.append(epoch_row(step))
        if self.console.is_terminal:
            self.live.update(self._table(step))
        elif step.figures is not None:
            self.console.print(" | ".join(self.rows[-1]), soft_wrap=True)
        elif step.step % _LINE_EVERY == 0:
            self.console.print(self._state(step), soft_wrap=True)

    def _state(self, step) -> str:
        state = f"epoch {step.epoch + 1}, step {step.step} of {step.steps}, loss {step.loss:.3f}"
        return f"{self.name}: {state}, {step.seconds:.0f} s"

    def _table(self, step) -> Table:
        table = Table(title=self._state(step), title_justify="left")
        for heading in ("epoch", "loss", "dev AUPRC by source and kind", "mean", ""):
            table.add_column(heading)
        for row in self.rows:
            table.add_row(*row)
        return table


def epoch_row(step) -> list[str]:
    """What one epoch came to: its loss, AUPRC per source and kind, their mean, and whether it is the best."""
    sources = {name: kinds for name, kinds in step.figures.items() if name != "steer"}
    figures = [
        f"{source} " + " ".join(f"{kind} {value:.3f}" for kind, value in kinds.items())
        for source, kinds in sources.items()
    ]
    mean = f"{step.figures['steer']:.3f}"
    return [str(step.epoch + 1), f"{step.loss:.3f}", "\n".join(figures), mean, "best" if step.best else ""]
