"""The drone and the bugs."""

from __future__ import annotations

import math

from sprite_canvas import INK, Canvas, Colour, Point, mix

WHITE = (240, 248, 250)


def legs(canvas: Canvas, roots: list[Point], reach: float, colour: Colour, stride: float) -> None:
    """Draw bent legs of the upper side, swung by `stride` pixels."""
    for number, (x, y) in enumerate(roots):
        swing = stride if number % 2 else -stride
        lean = (number - (len(roots) - 1) / 2) * -1.6
        knee = (x + lean + swing * 0.5, y - reach * 0.6)
        foot = (x + lean * 2 + swing, y - reach)
        canvas.stroke([(x, y), knee, foot], colour)


def drone() -> list[Canvas]:
    """A hover drone: white shell, cyan eye, orange fins, a gun ahead."""
    frames = []
    for frame in range(2):
        canvas = Canvas(26)
        canvas.ellipse((7.5, 5.5), (4.2, 3.2), (46, 62, 84))
        canvas.ellipse((17, 5), (3.6, 2.8), (46, 62, 84))
        for x, y, reach in ((7.5, 5.5, 3.0), (17.0, 5.0, 2.4)):
            tilt = 0.6 if frame else -0.9
            canvas.stroke(
                [
                    (x - math.cos(tilt) * reach, y - math.sin(tilt) * reach),
                    (x + math.cos(tilt) * reach, y + math.sin(tilt) * reach),
                ],
                (150, 232, 255),
            )
        canvas.box(15, 11, 9, 2, (120, 140, 160))
        canvas.box(22, 10, 2, 3, (190, 206, 220))
        canvas.shape([(2, 9), (6, 9), (8, 13), (2, 13)], (255, 142, 50))
        canvas.ellipse((12, 13), (7.6, 5.6), (214, 226, 236))
        canvas.ellipse((11, 13), (6.0, 3.2), (168, 186, 204))
        canvas.mirror()
        canvas.disc(15.5, 13, 3.1, (20, 60, 84))
        canvas.disc(15.8, 13, 2.2, (70, 220, 255))
        canvas.box(16, 11, 1, 1, WHITE)
        canvas.light()
        canvas.outline()
        frames.append(canvas)
    return frames


def beetle() -> list[Canvas]:
    """Domed, dark red, horned."""
    frames = []
    for stride in (1.2, -1.2):
        canvas = Canvas(22)
        legs(canvas, [(6, 6), (10, 5), (14, 6)], 4.5, (70, 30, 44), stride)
        canvas.stroke([(18, 9), (20, 8)], (240, 190, 120))
        canvas.ellipse((16.5, 11), (3.4, 3.6), (92, 28, 48))
        canvas.ellipse((9.5, 11), (7.6, 6.4), (196, 44, 58))
        canvas.ellipse((8.5, 8.4), (5.0, 2.2), (236, 92, 84))
        canvas.disc(6.0, 8.0, 1.2, (96, 20, 44))
        canvas.disc(11.0, 7.0, 1.0, (96, 20, 44))
        canvas.mirror()
        canvas.box(2, 10, 13, 2, (120, 22, 46))
        canvas.box(18, 9, 1, 1, (255, 232, 150))
        canvas.box(18, 12, 1, 1, (255, 232, 150))
        canvas.light()
        canvas.outline()
        frames.append(canvas)
    return frames


def mite() -> list[Canvas]:
    """Small, round, acid green."""
    frames = []
    for stride in (1.0, -1.0):
        canvas = Canvas(14)
        legs(canvas, [(5, 4), (8, 4)], 3.0, (60, 92, 30), stride)
        canvas.ellipse((6.5, 7), (4.2, 3.6), (150, 214, 60))
        canvas.ellipse((6, 5.6), (2.4, 1.2), (208, 250, 120))
        canvas.mirror()
        canvas.box(9, 5, 1, 1, INK)
        canvas.box(9, 8, 1, 1, INK)
        canvas.light(0.2)
        canvas.outline()
        frames.append(canvas)
    return frames


def grub() -> list[Canvas]:
    """A row of pale rings."""
    frames = []
    for squeeze in (0.0, 1.0):
        canvas = Canvas(26)
        for number in range(5):
            x = 5.0 + number * (4.0 - squeeze * 0.4) + squeeze
            radius = (4.2, 5.6, 6.2, 5.8, 4.6)[number] + (squeeze * 0.5 if number in (1, 2, 3) else 0)
            canvas.disc(x, 13, radius, (150, 92, 140))
            canvas.ellipse((x + 0.4, 13), (radius - 1.4, radius - 0.6), (226, 160, 196))
            canvas.ellipse((x + 0.2, 13 - radius * 0.45), (1.6, 1.2), (252, 208, 228))
        canvas.mirror()
        canvas.disc(23 - squeeze * 0.6, 13, 2.4, (120, 54, 96))
        canvas.box(23, 11, 1, 1, WHITE)
        canvas.box(23, 14, 1, 1, WHITE)
        canvas.light(0.2)
        canvas.outline()
        frames.append(canvas)
    return frames


def moth() -> list[Canvas]:
    """Violet wings with eyes on them."""
    frames = []
    for tilt, reach in ((0.5, 7.4), (0.15, 5.6)):
        canvas = Canvas(26)
        canvas.ellipse((8.6, 13 - reach * 0.78), (5.0, reach * 0.55), (104, 78, 170), tilt=-tilt)
        canvas.ellipse((14.0, 13 - reach * 0.85), (5.4, reach * 0.72), (150, 116, 222), tilt=tilt)
        canvas.disc(14.2, 13 - reach * 0.9, 2.3, (240, 216, 255))
        canvas.disc(14.4, 13 - reach * 0.9, 1.2, (74, 34, 120))
        canvas.stroke([(19, 11), (22, 8)], (226, 208, 255))
        canvas.ellipse((11.5, 13), (7.2, 2.4), (226, 214, 240))
        canvas.mirror()
        canvas.box(6, 12, 2, 2, (160, 140, 196))
        canvas.box(10, 12, 2, 2, (160, 140, 196))
        canvas.box(17, 11, 1, 1, (255, 80, 120))
        canvas.box(17, 14, 1, 1, (255, 80, 120))
        canvas.light(0.18)
        canvas.outline()
        frames.append(canvas)
    return frames


def wasp() -> list[Canvas]:
    """Amber and black, with a sting behind."""
    frames = []
    for reach, tilt in ((6.4, 0.9), (5.2, 0.45)):
        canvas = Canvas(24)
        canvas.ellipse((11, 12 - reach * 0.85), (2.4, reach * 0.8), (198, 226, 240), tilt=tilt)
        canvas.shape([(1, 12), (5, 9.5), (5, 12)], (70, 54, 40))
        canvas.ellipse((8.5, 12), (5.6, 3.9), (255, 190, 44))
        for x in (5, 8, 11):
            canvas.fill(lambda px, py, x=x: x <= px < x + 1.4 and abs(py - 12) < 3.6, (44, 32, 34))
        canvas.ellipse((16, 12), (3.4, 3.2), (226, 142, 34))
        canvas.disc(19.5, 12, 2.4, (255, 206, 80))
        canvas.stroke([(20, 10), (22, 8)], (60, 44, 40))
        canvas.mirror()
        canvas.box(20, 10, 1, 1, (190, 20, 40))
        canvas.box(20, 13, 1, 1, (190, 20, 40))
        canvas.light(0.2)
        canvas.outline()
        frames.append(canvas)
    return frames


def spitter() -> list[Canvas]:
    """Teal, swollen behind, a wide mouth ahead."""
    frames = []
    for stride in (1.0, -1.0):
        canvas = Canvas(24)
        legs(canvas, [(9, 7), (13, 6), (17, 7)], 4.5, (24, 84, 80), stride)
        canvas.ellipse((8, 12), (6.8, 7.0), (32, 134, 122))
        canvas.ellipse((7.5, 9.4), (4.2, 2.6), (96, 222, 182))
        canvas.disc(5.5, 8.5, 1.4, (196, 255, 122))
        canvas.disc(10, 9.0, 1.1, (196, 255, 122))
        canvas.ellipse((17, 12), (4.6, 4.0), (44, 164, 140))
        canvas.mirror()
        canvas.disc(20.4, 12, 1.9, (250, 84, 190))
        canvas.box(16, 9, 1, 1, INK)
        canvas.box(16, 14, 1, 1, INK)
        canvas.light(0.2)
        canvas.outline()
        frames.append(canvas)
    return frames


def firefly() -> list[Canvas]:
    """A dark body with a lamp: nobody uses it until somebody writes the script."""
    frames = []
    for lamp in ((190, 255, 110), (120, 200, 70)):
        canvas = Canvas(24)
        canvas.ellipse((12, 6.4), (5.4, 3.2), (150, 190, 216), tilt=0.5)
        canvas.disc(6.5, 12, 5.0, mix(lamp, INK, 0.35))
        canvas.disc(6.5, 12, 3.6, lamp)
        canvas.ellipse((13.5, 12), (4.6, 3.0), (66, 52, 84))
        canvas.disc(18.5, 12, 2.4, (220, 70, 60))
        canvas.mirror()
        canvas.light(0.2)
        canvas.outline()
        frames.append(canvas)
    return frames


def queen() -> list[Canvas]:
    """Large, magenta and gold, crowned."""
    frames = []
    for stride in (2.0, -2.0):
        canvas = Canvas(60)
        for root in ((22, 19), (31, 17), (39, 20)):
            lean = (31 - root[0]) * -0.5
            swing = stride if root[0] == 31 else -stride
            canvas.stroke(
                [root, (root[0] + lean + swing * 0.4, 10), (root[0] + lean * 1.6 + swing, 4)], (84, 24, 74), 2
            )
        canvas.ellipse((30, 14), (11, 3.4), (196, 214, 240), tilt=0.42)
        canvas.ellipse((18, 30), (16.5, 13.5), (140, 30, 104))
        for number in range(4):
            x = 7.5 + number * 6.8
            band = (236, 176, 60) if number % 2 else (190, 50, 128)
            canvas.fill(
                lambda px, py, x=x: x <= px < x + 4.2 and ((px - 18) / 15.4) ** 2 + ((py - 30) / 12.4) ** 2 <= 1,
                band,
            )
        canvas.ellipse((17, 22.5), (10, 2.4), (246, 130, 186))
        canvas.ellipse((38, 30), (8.0, 8.6), (116, 26, 92))
        canvas.ellipse((38, 25.6), (5.0, 2.2), (206, 80, 152))
        canvas.disc(48.5, 30, 6.4, (166, 40, 114))
        canvas.shape([(44, 24), (45, 19.5), (47.5, 23)], (255, 206, 80))
        canvas.shape([(48.5, 23), (51, 19), (52.5, 24.5)], (255, 206, 80))
        canvas.stroke([(53, 27), (57, 25)], (236, 176, 60), 2)
        canvas.mirror()
        for y in (26, 32):
            canvas.box(50, y, 3, 2, (255, 240, 160))
            canvas.box(52, y, 1, 2, (190, 20, 40))
        canvas.light(0.22)
        canvas.outline()
        frames.append(canvas)
    return frames
