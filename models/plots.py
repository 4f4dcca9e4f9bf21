"""The plots of a model card, as SVG: how well scores mean what they say, and what is gained over simpler things."""

from collections.abc import Mapping
from pathlib import Path

from models.network import KINDS

_INK = {"written": "#1f5f7a", "full-length written": "#7a9e3f", "annomi": "#b4622d"}


def draw_plots(results: Mapping, folder: Path) -> None:
    """Writes reliability.svg and compared.svg into a folder."""
    import matplotlib

    matplotlib.use("svg")
    matplotlib.rcParams |= {"svg.hashsalt": "suture", "svg.fonttype": "none", "font.size": 9}
    sets = {name: figures for name, figures in results.items() if "kinds" in figures}
    _save(_reliability(sets), folder / "reliability.svg")
    if any(figures.get("compared") for figures in sets.values()):
        _save(_compared(sets), folder / "compared.svg")


def _reliability(sets: Mapping):
    """Per kind, observed share against mean score; the larger a dot, the more turns."""
    from matplotlib import pyplot

    figure, panels = pyplot.subplots(1, len(KINDS), figsize=(11, 3.1), sharey=True, layout="constrained")
    for panel, kind in zip(panels, KINDS, strict=True):
        panel.plot([0, 1], [0, 1], color="#999", linewidth=0.8, linestyle="--")
        for name in ("written", "annomi"):
            if name in sets:
                points = sets[name]["kinds"][kind]["reliability"]
                said, seen, turns = zip(*points, strict=True)
                panel.plot(said, seen, color=_INK[name], linewidth=1, label=name)
                panel.scatter(said, seen, s=[6 + n**0.5 * 2 for n in turns], color=_INK[name])
        panel.set(title=kind, xlabel="score", xlim=(0, 1), ylim=(0, 1), aspect="equal")
    panels[0].set_ylabel("share of coders who marked it")
    panels[0].legend(frameon=False, loc="upper left")
    return figure


def _compared(sets: Mapping):
    """Per data set and kind, the AUPRC of the tagger and of all it is compared with."""
    from matplotlib import pyplot

    figure, panels = pyplot.subplots(
        1, len(sets), figsize=(3.7 * len(sets), 4.2), sharey=True, layout="constrained", squeeze=False
    )
    for panel, (name, figures) in zip(panels[0], sets.items(), strict=True):
        others = list(figures["compared"])
        for k, kind in enumerate(KINDS):
            values = [figures["compared"][o][kind]["auprc"] for o in others] + [
                figures["kinds"][kind]["auprc"]
            ]
            shown = [(v, row) for row, v in enumerate(values) if v is not None]
            panel.scatter(
                [v for v, _ in shown], [row + 0.16 * (k - 1.5) for _, row in shown], s=22, label=kind
            )
        panel.set(title=name, xlabel="AUPRC", xlim=(0, 1), yticks=range(len(others) + 1))
        panel.set_yticklabels([*others, "this tagger"])
        panel.grid(axis="x", color="#ddd", linewidth=0.6)
    panels[0][-1].legend(frameon=False, fontsize=8, loc="lower right")
    return figure


def _save(figure, path: Path) -> None:
    from matplotlib import pyplot

    figure.savefig(path, metadata={"Date": None})
    pyplot.close(figure)
