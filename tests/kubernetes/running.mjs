// A pod that podman plays: what it logs, what confines it, and what it answers from inside.

import { readFileSync } from "node:fs";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import path from "node:path";

import { podman } from "./image.mjs";

export const HTTP = "http://127.0.0.1:8080";

export class Running {
  constructor(pod, container) {
    this.pod = pod;
    this.name = container;
    this.pid = this.inspect("{{.State.Pid}}").trim();
  }

  inspect(format) {
    return podman("inspect", "--format", format, this.name);
  }

  log() {
    const { stdout, stderr } = spawnSync("podman", ["logs", this.name], { encoding: "utf8" });
    return (stdout + stderr).split("\n");
  }

  // One JSON object a line.
  events(name) {
    return this.log().filter((line) => line.startsWith("{")).map((line) => JSON.parse(line))
      .filter(({ event }) => event === name);
  }

  async hasStarted(milliseconds) {
    for (const begin = Date.now(); Date.now() - begin < milliseconds; await sleep(100)) {
      if (this.events("started").length > 0) {
        return true;
      }
    }
    return false;
  }

  inside(...command) {
    return spawn("nsenter", ["--target", this.pid, "--net", ...command],
      { stdio: ["pipe", "pipe", "inherit"] });
  }

  async ask(...command) {
    const asking = this.inside(...command);
    let answer = "";
    asking.stdout.on("data", (piece) => { answer += piece; });
    await once(asking, "close");
    return answer;
  }

  curl(target) {
    return this.ask("curl", "--silent", "--include", "--max-time", "10", `${HTTP}${target}`);
  }

  // A line of /proc/PID/status.
  status(field) {
    const text = readFileSync(`/proc/${this.pid}/status`, "utf8");
    return new RegExp(`^${field}:\\s*(.*)$`, "m").exec(text)?.[1];
  }

  // All that counts against the limit: of the process, and of the kernel for it.
  memoryFile(name) {
    const groups = readFileSync(`/proc/${this.pid}/cgroup`, "utf8");
    const old = /^\d+:memory:(.*)$/m.exec(groups)?.[1];
    const at = old === undefined
      ? ["/sys/fs/cgroup", /^0::(.*)$/m.exec(groups)[1], name.now]
      : ["/sys/fs/cgroup/memory", old, name.before];
    return Number(readFileSync(path.join(...at), "utf8"));
  }

  memoryLimit() {
    return this.memoryFile({ now: "memory.max", before: "memory.limit_in_bytes" });
  }

  memory() {
    return this.memoryFile({ now: "memory.current", before: "memory.usage_in_bytes" });
  }
}
