"""Breaks requests in the ways that have led two servers to understand them differently."""

import random
from collections.abc import Callable

BYTES = [b"\0", b"\t", b"\n", b"\v", b"\f", b"\r", b" ", b"\r\n", b":", b",", b";", b"\"", b"#",
         b"<", b"@", b"[", b"\\", b"\x7f", b"\x80", b"\xff", b"0", b"A", b"{", b"\x01", b"\x1b"]
VERSIONS = [b"HTTP/1.2", b"HTTP/1.9", b"HTTP/2.0", b"HTTP/0.9", b"HTTP/3.0", b"HTTP/1",
            b"HTTP/1.10", b"http/1.1", b"HTTP/01.1", b"HTTP/1.1 ", b" HTTP/1.1", b"HTTP/+1.1",
            b"ICY/1.1", b"RTSP/1.0"]
METHODS = [b"BREW", b"get", b"CONNECT", b"M-SEARCH", b"PRI", b"G\tET", b"A" * 40, b"", b"SOURCE",
           b"PROPFIND", b"QUERY"]
TARGETS = [b"*", b"anything", b"//anything", b"?q", b"http://", b"https://a/anything",
           b"ftp://a/x", b"HTTP://a/anything", b"http://u:p@a/anything", b"a:80", b"/anything#f",
           b"/any\xc3\xa9", b"/anything\"<>", b"", b"http://a.example/anything/\x7f",
           b"/anything%", b"http://b/"]
LENGTHS = [b"5", b"5, 5", b"5,6", b"+5", b"-5", b"0x5", b"5.0", b"1e1", b"", b" ", b"5 5",
           b"\"5\"", b"18446744073709551616", b"18446744073709551621", b"05", b"\v5", b"5\v",
           b"5_0", b"-0", b"99999999999999999999999999", b"9223372036854775808"]
CODINGS = [b"chunked", b"xchunked", b"chunkedx", b"chunked, chunked", b"chunked, identity",
           b"identity, chunked", b"gzip, chunked", b"chunked, gzip", b"identity", b"gzip", b"",
           b"chunked;q=1", b"\"chunked\"", b"\vchunked", b"chunked\v", b"\x0cchunked", b"CHUNKED",
           b",chunked", b"chunked,", b"\xa0chunked", b" chunked ", b"chun\0ked"]
NAMES = [b"Content-Length", b"Transfer-Encoding", b"content-length ", b"Transfer-Encoding\t",
         b"Transfer_Encoding", b" Transfer-Encoding", b"Transfer-Encoding\v", b"\tContent-Length",
         b"X: y\nTransfer-Encoding", b"X: y\rContent-Length", b"X: y\r\n Transfer-Encoding",
         b"Transfer Encoding", b"Content-Length\0", b"Content-Length"]
# Not "Connection: upgrade": with it and a body, Node.js neither answers nor closes.
FIELDS = [b"Host: b", b"host: a.example", b"Host: a b", b"Host:", b"Host: a, b", b"Host: u@a",
          b"Host: a:port", b"Host: [::1", b"Host: a/b", b"No-Colon", b": no name", b"A(b): c",
          b"A : b", b" folded", b"\tfolded", b"Connection: close", b"Connection: Close, x",
          b"Upgrade: websocket", b"Upgrade: h2c", b"Expect: 200-ok", b"Expect: 100-continue, x",
          b"A: \x01", b"A: \x7f", b"A: \0", b"A: b\rC: d", b"A\x80: b",
          b"Proxy-Connection: keep-alive", b"Keep-Alive: timeout=5", b"Trailer: Content-Length"]
SIZES = [b"0x5", b"-1", b"+1", b" 5", b"5 ", b"5\t;a", b"5 ;a", b"", b"g", b"1_0",
         b"10000000000000000", b"00000000000000000005", b"ffffffffffffffff", b"5;a=\"\r\n\"",
         b"5;a\nb", b"5\n", b"5;", b"5;;", b"5;a=", b"5;=b", b"5;a\0", b"5;a\x7f", b"5,5", b"5\0",
         b"5;a b", b"5;\xff", b"05", b"5\r"]
TRAILERS = [b"Content-Length: 5", b"Transfer-Encoding: chunked", b"A : b", b" folded", b"No-Colon",
            b"A: \x01", b"A: b\nC: d", b"Host: b", b": x", b"GET / HTTP/1.1"]


def insert(chance: random.Random, data: bytes) -> bytes:
    at = chance.randrange(len(data) + 1)
    return data[:at] + chance.choice(BYTES) + data[at:]


def remove(chance: random.Random, data: bytes) -> bytes:
    at = chance.randrange(len(data))
    return data[:at] + data[at + chance.randrange(1, 4):]


def flip(chance: random.Random, data: bytes) -> bytes:
    at = chance.randrange(len(data))
    return data[:at] + bytes([data[at] ^ 1 << chance.randrange(8)]) + data[at + 1:]


def cut(chance: random.Random, data: bytes) -> bytes:
    return data[:chance.randrange(len(data))]


def line_end(chance: random.Random, data: bytes) -> bytes:
    """One line end, or all of the head's, becomes another."""
    other = chance.choice([b"\n", b"\r", b"\r\r\n", b"\n\r", b"\r\n\r\n", b"\r\n ", b" \r\n",
                           b"\0\n", b"\v\n", b" \n", b"\r\v", b"\x01\r\n"])
    if chance.random() < 0.2:
        head, separator, body = data.partition(b"\r\n\r\n")
        return (head + separator).replace(b"\r\n", other) + body
    pieces = data.split(b"\r\n")
    at = chance.randrange(1, len(pieces)) if len(pieces) > 1 else 1
    return b"\r\n".join(pieces[:at]) + other + b"\r\n".join(pieces[at:])


def add_line(data: bytes, line: bytes, chance: random.Random) -> bytes:
    """Puts a line somewhere among the header lines."""
    head, separator, body = data.partition(b"\r\n\r\n")
    lines = head.split(b"\r\n")
    lines.insert(chance.randrange(1, len(lines) + 1), line)
    return b"\r\n".join(lines) + separator + body


def framing(chance: random.Random, data: bytes) -> bytes:
    name = chance.choice(NAMES)
    value = chance.choice(LENGTHS if b"ength" in name else CODINGS)
    return add_line(data, name + b": " + value, chance)


def field(chance: random.Random, data: bytes) -> bytes:
    return add_line(data, chance.choice(FIELDS), chance)


def repeat_line(chance: random.Random, data: bytes) -> bytes:
    lines = data.partition(b"\r\n\r\n")[0].split(b"\r\n")
    return add_line(data, chance.choice(lines), chance)


def drop_line(chance: random.Random, data: bytes) -> bytes:
    lines = data.split(b"\r\n")
    del lines[chance.randrange(len(lines))]
    return b"\r\n".join(lines)


def replace_value(chance: random.Random, data: bytes) -> bytes:
    """The framing field that is there gets another value."""
    for name, values in ((b"Content-Length", LENGTHS), (b"Transfer-Encoding", CODINGS)):
        begin = data.find(name + b":")
        end = data.find(b"\r\n", begin)
        if begin >= 0 and end >= 0:
            return data[:begin] + name + b": " + chance.choice(values) + data[end:]
    return field(chance, data)


def request_line(chance: random.Random, data: bytes) -> bytes:
    line, separator, rest = data.partition(b"\r\n")
    parts = line.split(b" ")
    which = chance.randrange(3)
    parts[which % len(parts)] = chance.choice([METHODS, TARGETS, VERSIONS][which])
    return chance.choice([b" "] * 8 + [b"  ", b"\t"]).join(parts) + separator + rest


def before(chance: random.Random, data: bytes) -> bytes:
    return chance.choice([b"\r\n", b"\r\n\r\n", b"\n", b"\r", b" ", b"\0", b"\r\n" * 6]) + data


def chunk(chance: random.Random, data: bytes) -> bytes:
    """A chunked body with one thing wrong, or odd."""
    head = b"POST /anything HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
    if chance.random() < 0.3:
        return head + b"5\r\nhello\r\n0\r\n" + chance.choice(TRAILERS) + b"\r\n\r\n"
    end = chance.choice([b"\r\n"] * 6 + [b"\n", b"\r", b"", b"\r\n\r\n", b"x\r\n"])
    last = chance.choice([b"0\r\n\r\n"] * 6 + [b"0\n\n", b"0\r\n\n", b"00\r\n\r\n",
                                               b"0;a\r\n\r\n", b"0\r\r\n\r\n"])
    return head + chance.choice(SIZES + [b"5"] * 10) + b"\r\nhello" + end + last


MUTATIONS: list[Callable[[random.Random, bytes], bytes]] = [
    insert, remove, flip, cut, line_end, line_end, framing, framing, framing, field, field,
    repeat_line, drop_line, replace_value, replace_value, request_line, request_line, before, chunk,
    chunk,
]


def mutated(chance: random.Random, data: bytes) -> bytes:
    for _ in range(chance.choice([1, 1, 1, 2, 3])):
        if data:
            data = chance.choice(MUTATIONS)(chance, data)
    return data
