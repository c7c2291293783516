"""A TrueType font with one letter, made by hand: browsers look at every table of a font."""

import struct

UNITS = 1000
LETTER = "A"
# Far from that of any other font, so that a page can measure which one it got.
ADVANCE = 3000


def glyph() -> bytes:
    """A square: four points, all on the curve, as differences that need two bytes each."""
    corners = [(0, 0), (0, 700), (700, 700), (700, 0)]
    steps = [(x - before_x, y - before_y)
             for (x, y), (before_x, before_y) in zip(corners, [(0, 0), *corners])]
    return (struct.pack(">hhhhh", 1, 0, 0, 700, 700) + struct.pack(">HH", 3, 0) + b"\x01" * 4
            + b"".join(struct.pack(">h", x) for x, _ in steps)
            + b"".join(struct.pack(">h", y) for _, y in steps) + b"\0\0")


def character_map() -> bytes:
    """One segment of format 4 for the letter, and the one that ends the list."""
    code = ord(LETTER)
    # The counts; the ends and a pad; the starts; the differences; the offsets.
    segments = (struct.pack(">HHHH", 4, 4, 1, 0) + struct.pack(">HHH", code, 0xFFFF, 0)
                + struct.pack(">HH", code, 0xFFFF) + struct.pack(">HH", (1 - code) & 0xFFFF, 1)
                + struct.pack(">HH", 0, 0))
    table = struct.pack(">HHH", 4, 6 + len(segments), 0) + segments
    return struct.pack(">HHHHL", 0, 1, 3, 1, 12) + table


def names() -> bytes:
    texts = {1: "Made", 2: "Regular", 4: "Made", 6: "Made"}
    records, strings = b"", b""
    for number, text in texts.items():
        encoded = text.encode("utf-16-be")
        records += struct.pack(">HHHHHH", 3, 1, 0x409, number, len(encoded), len(strings))
        strings += encoded
    return struct.pack(">HHH", 0, len(texts), 6 + len(records)) + records + strings


def tables() -> dict[bytes, bytes]:
    shape = glyph()
    code = ord(LETTER)
    return {
        b"OS/2": struct.pack(">HhHHH", 4, ADVANCE, 400, 5, 0) + struct.pack(">10h", *[0] * 10)
        + struct.pack(">h", 0) + bytes(10) + struct.pack(">4L", 1, 0, 0, 0) + b"MADE"
        + struct.pack(">HHHhhhHH", 0x40, code, code, 700, 0, 0, 700, 0)
        + struct.pack(">LLhhHHH", 1, 0, 500, 700, 0, 32, 1),
        b"cmap": character_map(),
        b"glyf": shape + shape,
        b"head": struct.pack(">LLLLHHQQhhhhHHhhh", 0x10000, 0x10000, 0, 0x5F0F3CF5, 0, UNITS, 0, 0,
                             0, 0, 700, 700, 0, 8, 2, 0, 0),
        b"hhea": struct.pack(">LhhhHhhhhhh4hhH", 0x10000, 700, 0, 0, ADVANCE, 0, 0, 700, 1, 0, 0,
                             0, 0, 0, 0, 0, 2),
        b"hmtx": struct.pack(">HhHh", ADVANCE, 0, ADVANCE, 0),
        b"loca": struct.pack(">HHH", 0, len(shape) // 2, len(shape)),
        b"maxp": struct.pack(">LHHHHHHHHHHHHHH", 0x10000, 2, 4, 1, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0),
        b"name": names(),
        b"post": struct.pack(">LLhhLLLLL", 0x30000, 0, 0, 0, 0, 0, 0, 0, 0),
    }


def checksum(table: bytes) -> int:
    padded = table + bytes(-len(table) % 4)
    return sum(struct.unpack(f">{len(padded) // 4}L", padded)) & 0xFFFFFFFF


def font() -> bytes:
    parts = tables()
    count = len(parts)
    power = count.bit_length() - 1
    head = struct.pack(">LHHHH", 0x10000, count, 16 << power, power, (count - (1 << power)) * 16)
    offset = len(head) + 16 * count
    directory, content = b"", b""
    for tag, table in sorted(parts.items()):
        directory += struct.pack(">4sLLL", tag, checksum(table), offset + len(content), len(table))
        content += table + bytes(-len(table) % 4)
    return head + directory + content
