"""The pictures of the marks: 8x8 pixels, drawn here by hand; the last row is left free above the bar's rule.

Law: pictures only; which of them is shown is `core.screen.marks`'. Drawn for a one-inch glass at an arm's length: lines
one pixel apart run together there, so that an outline and a filled shape tell more than a detail.
"""

from __future__ import annotations

from functools import cache

from PIL import Image

from deskphone.core.screen.marks import Mark

SIDE = 8

DRAWN: dict[Mark, str] = {
    Mark.MUTED: """
        .##.#.#.
        .##..#..
        .##.#.#.
        #..#....
        .##.....
        .##.....
        ####....
        ........
    """,
    Mark.CALLS: """
        .#####..
        #######.
        ##...##.
        ........
        .#####..
        #######.
        ##...##.
        ........
    """,
    Mark.HOLD_PENDING: """
        .##.##..
        .##.##..
        .##.##..
        .##.##..
        ........
        #..#..#.
        ........
        ........
    """,
    Mark.NO_SERVER: """
        ##...##.
        ###.###.
        .#####..
        ..###...
        .#####..
        ###.###.
        ##...##.
        ........
    """,
    Mark.ONE_OF_TWO: """
        #######.
        #####.#.
        #######.
        ........
        #######.
        #.....#.
        #######.
        ........
    """,
    Mark.BOTH_SERVERS: """
        #######.
        #####.#.
        #######.
        ........
        #######.
        #####.#.
        #######.
        ........
    """,
    Mark.ONE_SERVER: """
        ........
        ........
        #######.
        #####.#.
        #######.
        ........
        ........
        ........
    """,
    Mark.RINGER_OFF: """
        #...#...
        .#.###..
        .##.##..
        .###.#..
        .####...
        #######.
        ...#..#.
        ........
    """,
    Mark.DND: """
        ..###...
        .#####..
        #######.
        #.....#.
        #######.
        .#####..
        ..###...
        ........
    """,
    Mark.FORWARD_ALWAYS: """
        ........
        ....#...
        ....##..
        #######.
        ....##..
        ....#...
        ........
        ........
    """,
    Mark.FORWARD_BUSY: """
        ........
        ##...#..
        ##...##.
        ##.#####
        ##...##.
        ##...#..
        ........
        ........
    """,
    Mark.FORWARD_NO_REPLY: """
        ........
        .....#..
        .....##.
        #.#.####
        .....##.
        .....#..
        ........
        ........
    """,
    Mark.VOICE_MAIL: """
        #######.
        ##...##.
        #.#.#.#.
        #..#..#.
        #.....#.
        #.....#.
        #######.
        ........
    """,
    Mark.MISSED: """
        ###....#
        ##....#.
        #.#..#..
        ...##...
        ........
        .######.
        ##....##
        ........
    """,
    Mark.SECURED: """
        ..###...
        .#...#..
        .#...#..
        #######.
        ###.###.
        ###.###.
        #######.
        ........
    """,
    Mark.HEADSET: """
        ..###...
        .#...#..
        #.....#.
        ##...##.
        ##...##.
        ......#.
        ...###..
        ........
    """,
}


@cache
def icon(mark: Mark) -> Image.Image:
    """The picture of a mark, mode "1", a lit pixel white."""
    image = Image.new("1", (SIDE, SIDE), 0)
    for top, row in enumerate(DRAWN[mark].split()):
        for left, pixel in enumerate(row):
            image.putpixel((left, top), pixel == "#")
    return image
