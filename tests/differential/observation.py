"""Sends bytes to a server and says what it made of them, in words that both servers share."""

import base64
import dataclasses
import json
import re
import socket

PATIENCE_SECONDS = 10.0


@dataclasses.dataclass(frozen=True)
class Request:
    """A request as a server understood it."""
    method: str
    target: str
    version: str
    headers: tuple[tuple[str, str], ...]
    body: bytes


@dataclasses.dataclass(frozen=True)
class Outcome:
    """What became of one request: accepted, refused or nothing, which is waiting for more of it."""
    kind: str
    reason: str = ""
    request: Request | None = None  # None when it was accepted without a description.

    def __str__(self) -> str:
        return f"{self.kind} {self.reason}".strip()


NOTHING = Outcome("nothing")
ROUSED_REFUSES = {400, 413, 414, 417, 431, 501, 505}


class AnswerError(Exception):
    """A server that did not answer as an HTTP/1.1 server does."""


def exchange(port: int, data: bytes) -> bytes:
    """Sends everything and ends its side; reads to the end."""
    with socket.create_connection(("127.0.0.1", port), PATIENCE_SECONDS) as connection:
        pieces = []
        try:
            connection.sendall(data)
            connection.shutdown(socket.SHUT_WR)
            while piece := connection.recv(65536):
                pieces.append(piece)
        except (BrokenPipeError, ConnectionResetError):
            pass  # It has refused, and closed while we were sending.
        return b"".join(pieces)


def answers(data: bytes) -> list[tuple[int, dict[str, str], bytes]]:
    """Splits what came back into responses; interim ones are left out."""
    found = []
    while data:
        head, separator, data = data.partition(b"\r\n\r\n")
        lines = head.decode("latin-1").split("\r\n")
        status = re.fullmatch(r"HTTP/1\.1 (\d{3}) .*", lines[0])
        if not separator or not status:
            raise AnswerError(f"not a response: {head!r}")
        fields = {name.lower(): value.strip()
                  for name, _, value in (line.partition(":") for line in lines[1:])}
        code = int(status[1])
        if code < 200:
            continue
        length = 0 if code in (204, 304) else int(fields.get("content-length", len(data)))
        if len(data) < length:
            raise AnswerError("a response was cut off")
        found.append((code, fields, data[:length]))
        data = data[length:]
    return found


def printable(text: str) -> str:
    """What is no ASCII becomes one mark a run: JSON has no bytes, and each server shows them in
    its way."""
    return re.sub(r"[^\0-\x7f]+", "\N{REPLACEMENT CHARACTER}", text)


def request_of(method: str, target: str, version: str, headers: list[tuple[str, str]],
               body: bytes) -> Request:
    return Request(method, printable(target), version,
                   tuple((name, printable(value)) for name, value in headers), body)


def roused_outcomes(data: bytes) -> list[Outcome]:
    """What roused says; its /anything describes the request."""
    outcomes = []
    for status, fields, body in answers(data):
        if status in ROUSED_REFUSES:
            outcomes.append(Outcome("refused", body.decode().strip()))
        elif status == 200 and fields.get("content-type") == "application/json":
            said = json.loads(body)
            content = (base64.b64decode(said["body_base64"]) if "body_base64" in said
                       else said["body"].encode())
            headers = [(field["name"], field["value"]) for field in said["headers"]]
            version = said["version"].removeprefix("HTTP/")
            outcomes.append(Outcome("accepted", "", request_of(
                said["method"], said["target"], version, headers, content)))
        else:
            outcomes.append(Outcome("accepted", f"with {status}"))
    return outcomes


def node_outcomes(data: bytes) -> list[Outcome]:
    """What node_server.mjs says."""
    outcomes = []
    for status, fields, body in answers(data):
        if status != 200:
            reason = fields.get("x-error", str(status))
            if reason != "HPE_INVALID_EOF_STATE":  # That is waiting for more.
                outcomes.append(Outcome("refused", reason))
            continue
        said = json.loads(body)
        names, values = said["headers"][::2], said["headers"][1::2]
        outcomes.append(Outcome("accepted", "", request_of(
            said["method"], said["target"], said["version"], list(zip(names, values)),
            base64.b64decode(said["body"]))))
    return outcomes
