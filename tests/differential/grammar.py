"""Makes valid requests, as clients of every sort send them."""

import random

METHODS = ["GET", "GET", "GET", "POST", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"]
FIELDS = [
    (b"User-Agent", b"Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"),
    (b"Accept", b"text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"),
    (b"accept-encoding", b"gzip, deflate, br"),
    (b"Accept-Language", b"en-GB,en;q=0.5"),
    (b"Cookie", b"a=1; b=\"two words\"; c="),
    (b"X_Odd.Name~!#$%&'*+-^`|", b"value"),
    (b"X-Empty", b""),
    (b"X-Spaced", b"  \t two words \t"),
    (b"X-Text", b"caf\xc3\xa9 \xff"),
    (b"Cache-Control", b"no-cache"),
    (b"Connection", b"keep-alive"),
    (b"Expect", b"100-continue"),
    (b"Upgrade-Insecure-Requests", b"1"),
    (b"TE", b"trailers"),
    (b"Via", b"1.1 proxy, 1.1 gateway"),
]


def target(chance: random.Random, host: bytes) -> bytes:
    path = b"/anything" + b"".join(
        chance.choice([b"/a", b"/b%20c", b"/..", b"//", b"/~x;y=1", b"/@:!$&'()*+,;="])
        for _ in range(chance.randrange(3)))
    if chance.random() < 0.4:
        path += chance.choice([b"?", b"?a=b&c", b"?a=%00", b"?x=/?y", b"?q={}|[]\\^`"])
    return b"http://" + host + path if chance.random() < 0.1 else path


def body_bytes(chance: random.Random) -> bytes:
    kind = chance.randrange(4)
    if kind == 0:
        return b"GET /anything/hidden HTTP/1.1\r\nHost: hidden\r\n\r\n"
    if kind == 1:
        return chance.randbytes(chance.randrange(1, 60))
    return chance.choice([b"hello", b"0\r\n\r\n", b"a" * 100, b"\r\n", b"{}"])


def chunked(chance: random.Random, body: bytes) -> bytes:
    pieces = []
    while body:
        size = chance.randrange(1, len(body) + 1)
        digits = f"{size:x}" if chance.random() < 0.7 else f"{size:04X}"
        extension = chance.choice([b"", b"", b"", b";a", b";a=b", b';a="b c"', b";a;b=1"])
        pieces.append(digits.encode() + extension + b"\r\n" + body[:size] + b"\r\n")
        body = body[size:]
    trailer = chance.choice([b"", b"", b"X-Trailer: a\r\n", b"X-A: b\r\nX-C: \r\n"])
    return b"".join(pieces) + b"0\r\n" + trailer + b"\r\n"


def request(chance: random.Random) -> bytes:
    """One request with its body."""
    method = chance.choice(METHODS)
    host = chance.choice([b"a.example", b"localhost:8080", b"[::1]:80", b"127.0.0.1"])
    version = b"1.0" if chance.random() < 0.1 else b"1.1"
    fields = chance.sample(FIELDS, chance.randrange(6))
    fields.insert(chance.randrange(len(fields) + 1), (b"Host", host))
    body = b""
    if method in ("POST", "PUT", "PATCH") or chance.random() < 0.1:
        content = body_bytes(chance)
        if version == b"1.1" and chance.random() < 0.5:
            fields.append((b"Transfer-Encoding", b"chunked"))
            body = chunked(chance, content)
        else:
            fields.append((b"Content-Length", str(len(content)).encode()))
            body = content
    head = b" ".join([method.encode(), target(chance, host), b"HTTP/" + version]) + b"\r\n"
    for name, value in fields:
        head += name + chance.choice([b": ", b": ", b": ", b":", b":\t "]) + value + b"\r\n"
    return head + b"\r\n" + body
