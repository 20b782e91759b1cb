"""The loss curve of a training run as a PNG, and samples of the text that its model writes.

    gristmill train pretrain --config ten-million --data out/tokens --output run/    # ten minutes on two cores
    python -m bench.train_curve run/ --output curve.png --prompt "The mill" "In 1984"

The curve is drawn from ``metrics.jsonl``: the training loss line by line, the held-out loss where it was looked at.
Pillow, which is installed with the mill (Apache Beam needs it), does the drawing.
"""

from __future__ import annotations

import argparse
import math
from pathlib import Path
from typing import NamedTuple

from PIL import Image, ImageDraw, ImageFont

from trainer.errors import TrainerError
from trainer.metrics.run_log import read_metrics

SIZE = (1200, 700)
MARGINS = (90, 60, 30, 70)  # left, top, right, bottom
INK, GRID = (40, 40, 40), (225, 225, 225)
COLOURS = {"training": (31, 119, 180), "held out": (214, 39, 40)}

Points = list[tuple[float, float]]


class Axes(NamedTuple):
    """The rectangle of the plane that is drawn: tokens from 0 to ``right``, nats from ``low`` to ``high``."""

    right: float
    low: float
    high: float

    def pixel(self, tokens: float, loss: float) -> tuple[float, float]:
        left, top, margin_right, bottom = MARGINS
        across = tokens / self.right * (SIZE[0] - left - margin_right)
        up = (loss - self.low) / (self.high - self.low) * (SIZE[1] - top - bottom)
        return left + across, SIZE[1] - bottom - up


def read_curves(run: Path) -> dict[str, Points]:
    """(tokens, nats a token) of the run's training and held-out losses. Raises :class:`TrainerError` without any."""
    lines = read_metrics(run)
    curves = {
        "training": [(line["tokens"], line["loss"]) for line in lines if line.get("loss") is not None],
        "held out": [(line["tokens"], line["held_out_loss"]) for line in lines if "held_out_loss" in line],
    }
    if len(curves["training"]) < 2:
        raise TrainerError(f"{run} has no two lines of training in metrics.jsonl. Name the directory of a run.")
    return curves


def draw(curves: dict[str, Points], title: str) -> Image.Image:
    """The curves in one picture, each in its colour, with a grid at round numbers."""
    image = Image.new("RGB", SIZE, "white")
    pen, font = ImageDraw.Draw(image), ImageFont.load_default(size=18)
    every = [point for points in curves.values() for point in points]
    losses = [loss for _, loss in every]
    step = round_step(max(losses) - min(losses))
    low, high = math.floor(min(losses) / step) * step, math.ceil(max(losses) / step) * step
    axes = Axes(max(tokens for tokens, _ in every), low, max(high, low + step))

    for number in range(round((axes.high - axes.low) / step) + 1):
        loss = axes.low + number * step
        pen.line([axes.pixel(0, loss), axes.pixel(axes.right, loss)], fill=GRID)
        x, y = axes.pixel(0, loss)
        pen.text((x - 10, y), f"{loss:g}", fill=INK, font=font, anchor="rm")
    across = round_step(axes.right)
    for number in range(int(axes.right / across) + 1):
        x, y = axes.pixel(number * across, axes.low)
        pen.line([(x, y), (x, y + 6)], fill=INK)
        pen.text((x, y + 12), short(number * across), fill=INK, font=font, anchor="mt")
    pen.line([axes.pixel(0, axes.high), axes.pixel(0, axes.low), axes.pixel(axes.right, axes.low)], fill=INK)

    x = MARGINS[0]
    pen.text((x, 20), title, fill=INK, font=font)
    pen.text((SIZE[0] - MARGINS[2], SIZE[1] - 18), "tokens", fill=INK, font=font, anchor="rb")
    for row, (name, points) in enumerate((name, points) for name, points in curves.items() if points):
        pixels = [axes.pixel(*point) for point in points]
        pen.line(pixels, fill=COLOURS[name], width=2, joint="curve")
        for x, y in pixels if len(pixels) < 50 else ():
            pen.ellipse([x - 4, y - 4, x + 4, y + 4], fill=COLOURS[name])
        y = MARGINS[1] + 10 + 26 * row
        pen.line([(SIZE[0] - 330, y), (SIZE[0] - 295, y)], fill=COLOURS[name], width=4)
        legend = f"{name}, at the end {points[-1][1]:.3f} nats"
        pen.text((SIZE[0] - 285, y), legend, fill=INK, font=font, anchor="lm")
    return image


def round_step(span: float, parts: int = 6) -> float:
    """1, 2 or 5 times a power of ten: the least that cuts ``span`` into no more than about ``parts``."""
    rough = max(span, 1e-6) / parts
    power = 10 ** math.floor(math.log10(rough))
    return next(factor * power for factor in (1, 2, 5, 10) if factor * power >= rough)


def short(count: float) -> str:
    """1,500,000 as 1.5M."""
    for size, letter in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if count >= size:
            return f"{count / size:g}{letter}"
    return f"{count:g}"


def print_samples(run: Path, prompts: list[str], tokens: int) -> None:
    """What the model of ``run`` writes after each prompt, greedily and drawn."""
    from trainer.checkpoint.convert import find_tokenizer, load_model
    from trainer.model.generate import generate

    trained = load_model(run)
    tokenizer = find_tokenizer(trained, None)
    for prompt in prompts:
        ids = [tokenizer.bos_id, *tokenizer.encode(prompt).tolist()]
        for temperature, top_p in ((0.0, 1.0), (0.8, 0.9)):
            written = [*generate(trained.model, ids, tokens, frozenset({tokenizer.eos_id}), temperature, top_p)]
            print(f"\n[temperature {temperature:g}] {prompt}|{tokenizer.decode(written)}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("run", type=Path, metavar="RUN", help="the directory of a training run")
    parser.add_argument("--output", type=Path, default=Path("curve.png"), help="the PNG to write (default: curve.png)")
    parser.add_argument("--prompt", nargs="*", default=["The", "In the", "How to"], help="what samples begin with")
    parser.add_argument("--tokens", type=int, default=120, help="of each sample, at most (default: 120)")
    args = parser.parse_args()
    curves = read_curves(args.run)
    end, last = curves["training"][-1]
    draw(curves, f"{args.run.name}: cross-entropy in nats a token over {short(end)} tokens").save(args.output)
    first = curves["training"][0][1]
    seen = curves["held out"]
    held_out = f", held out {seen[0][1]:.3f} -> {seen[-1][1]:.3f}" if seen else ""
    print(f"Loss {first:.3f} -> {last:.3f}{held_out}, over {end:,} tokens. The curve is in {args.output}.")
    print_samples(args.run, args.prompt, args.tokens)


if __name__ == "__main__":
    main()
