// What must hold of the pod that podman plays. Each check answers with what does not.

import { readFileSync } from "node:fs";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import path from "node:path";

import { root } from "./packages.mjs";
import { IDLE_CONNECTION_BYTES, PROGRAM_BYTES } from "./rules.mjs";
import { HTTP } from "./running.mjs";

const IDLE_LOAD = path.join(root, "build/release/tests/idle_load");
const IDLE_CONNECTIONS = 9000;
const BACKENDS = { Localhost: "io_uring", RuntimeDefault: "epoll" };
const DELAY_MILLISECONDS = 3000;
const END_SECONDS_MAX = 15;

const faultsWhere = (pairs) => pairs.filter(([holds]) => !holds).map(([, fault]) => fault);

export function checkConfinement(running, pod) {
  const { runAsUser } = pod.securityContext;
  const [rootMount] = readFileSync(`/proc/${running.pid}/mountinfo`, "utf8").split("\n")
    .map((line) => line.split(" ")).filter((fields) => fields[4] === "/");
  const limit = running.memoryLimit();
  return faultsWhere([
    [running.status("Uid").split("\t").every((id) => Number(id) === runAsUser),
      `user ids ${running.status("Uid")}`],
    [/^0+$/.test(running.status("CapBnd")) && /^0+$/.test(running.status("CapEff")),
      `capabilities ${running.status("CapEff")}, bounded by ${running.status("CapBnd")}`],
    [running.status("NoNewPrivs") === "1", "privileges may grow"],
    [running.status("Seccomp") === "2", "no seccomp filter"],
    [rootMount[5].split(",").includes("ro"), `the root is mounted ${rootMount[5]}`],
    [`${limit / 1024 ** 2}Mi` === pod.containers[0].resources.limits.memory,
      `${limit} bytes of memory`],
  ]);
}

export async function checkService(running) {
  const health = await running.curl("/healthz");
  const speak = (where) => running.ask("bash", "-c",
    `exec 3<>/dev/${where}/127.0.0.1/7007 && printf 'hello\\n' >&3 && timeout 10 head -n 1 <&3`);
  const [echoed, datagram] = [await speak("tcp"), await speak("udp")];
  return faultsWhere([
    [health.startsWith("HTTP/1.1 200 ") && health.endsWith("ok\n"), `/healthz answers: ${health}`],
    [echoed === "hello\n", `TCP echo answers: ${echoed}`],
    [datagram === "hello\n", `UDP echo answers: ${datagram}`],
  ]);
}

export function checkLog(running, pod) {
  const wanted = BACKENDS[pod.securityContext.seccompProfile.type];
  const [backend] = running.events("backend");
  const [started] = running.events("started");
  const fallbacks = running.events("backend_fallback");
  return faultsWhere([
    [backend?.name === wanted, `the backend is ${backend?.name}, and not ${wanted}`],
    [fallbacks.length === (wanted === "epoll" ? 1 : 0) &&
      fallbacks.every(({ cause }) => cause.includes("seccomp")),
    `it falls back ${fallbacks.length} times: ${fallbacks.map(({ cause }) => cause)}`],
    [Number(started.workers) === 1, `${started.workers} workers`],
  ]);
}

export async function checkMemory(running) {
  // Pages of the program that another container has read are not counted for this one.
  const resident = 1024 * parseInt(running.status("VmRSS"), 10);
  const before = running.memory();
  const load = running.inside(IDLE_LOAD, "--target", HTTP.slice("http://".length),
    "--connections", String(IDLE_CONNECTIONS));
  const [line] = await once(load.stdout, "data");
  const each = Math.round((running.memory() - before) / IDLE_CONNECTIONS);
  load.stdin.end();
  await once(load, "close");
  console.log(`        ${before} bytes without connections, and ${each} for each idle one`);
  return faultsWhere([
    [String(line).startsWith("ready"), `the load says: ${line}`],
    [Math.max(before, resident) <= PROGRAM_BYTES, "the program needs more"],
    [each <= IDLE_CONNECTION_BYTES, "a connection needs more"],
  ]);
}

// As the kubelet does it when preStop is over.
export async function checkDrain(running, graceSeconds) {
  const asked = running.curl(`/delay/${DELAY_MILLISECONDS}`);
  const idle = running.inside("bash", "-c", "exec 3<>/dev/tcp/127.0.0.1/8080 && cat <&3");
  await sleep(DELAY_MILLISECONDS / 3);
  const begin = Date.now();
  const stopping = once(spawn("podman",
    ["pod", "stop", "--time", String(graceSeconds), running.pod], { stdio: "ignore" }), "close");
  await once(idle, "close");
  const idleSeconds = (Date.now() - begin) / 1000;
  const answer = await asked;
  await stopping;
  const took = (Date.now() - begin) / 1000;
  const code = running.inspect("{{.State.ExitCode}}").trim();
  return faultsWhere([
    [answer.startsWith("HTTP/1.1 200 ") && /^connection: close\r$/im.test(answer),
      `what was in flight gets: ${answer}`],
    [idleSeconds < DELAY_MILLISECONDS / 3000,
      `an idle connection is closed after ${idleSeconds} s`],
    [took < END_SECONDS_MAX, `the end took ${took} s`],
    [code === "0" && running.events("stopped").length === 1, `exit code ${code}`],
  ]);
}
