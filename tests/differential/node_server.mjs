// Answers every request with what Node.js understood of it, as JSON; and what it refuses with 400
// and the code of the error. The first line on standard output is the port.

import http from "node:http";

const exchanges = Symbol("the exchanges of this socket that have no answer yet");
const refusal = Symbol("the error code to answer with, once they have");

// What came in whole before the error is answered first: Node.js reads ahead of its answers.
function refuseWhenAnswered(socket) {
  const waits = [...(socket[exchanges] ?? [])].some((request) => request.complete);
  if (socket[refusal] === undefined || waits || !socket.writable) {
    return;
  }
  socket.end("HTTP/1.1 400 Bad Request\r\nConnection: close\r\n" +
    `X-Error: ${socket[refusal]}\r\nContent-Length: 0\r\n\r\n`);
}

const server = http.createServer((request, response) => {
  const { socket } = request;
  socket[exchanges] ??= new Set();
  socket[exchanges].add(request);
  const pieces = [];
  request.on("data", (piece) => pieces.push(piece));
  request.on("error", () => {});
  response.on("close", () => {
    socket[exchanges].delete(request);
    refuseWhenAnswered(socket);
  });
  request.on("end", () => {
    const answer = Buffer.from(JSON.stringify({
      // It has no name for PRI, which it may take in a request without a version.
      method: request.method ?? "",
      target: request.url,
      version: request.httpVersion,
      headers: request.rawHeaders,
      body: Buffer.concat(pieces).toString("base64"),
    }));
    // Without a length it would close after what HTTP/1.0 asks to keep open.
    response.setHeader("Content-Length", answer.length);
    response.end(answer);
  });
});

server.on("clientError", (error, socket) => {
  socket[refusal] = error.code;
  refuseWhenAnswered(socket);
});

// Otherwise the end of the input ends the answers too.
server.httpAllowHalfOpen = true;
server.keepAliveTimeout = 0;
server.listen(0, "127.0.0.1", () => console.log(server.address().port));
