"""A training run shown on the terminal while it goes on."""

from rich.console import Console
from rich.live import Live
from rich.table import Table


class TrainingProgress:
    """One line that moves with every step, and a row of dev figures after every epoch."""

    def __init__(self, name: str, console: Console | None = None):
        self.name = name
        self.rows: list[list[str]] = []
        self.live = Live(console=console, refresh_per_second=4)

    def __enter__(self) -> "TrainingProgress":
        self.live.start()
        return self

    def __exit__(self, *_) -> None:
        self.live.stop()

    def show(self, step) -> None:
        """Take note of a models.training.Step."""
        if step.figures is not None:
            self.rows.append(epoch_row(step))
        self.live.update(self._table(step))

    def _table(self, step) -> Table:
        state = f"epoch {step.epoch + 1}, step {step.step} of {step.steps}, loss {step.loss:.3f}"
        table = Table(title=f"{self.name}: {state}, {step.seconds:.0f} s", title_justify="left")
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
