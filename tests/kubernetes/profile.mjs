// The seccomp profile of nodes, configs/kubernetes/seccomp.json. Docker and podman read rules that
// hold for some capabilities and processors only; on a node the file is read as the OCI
// specification has it, without conditions, so each rule would hold for all. Here they are decided.

import { existsSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";

import { manifests, root } from "./packages.mjs";

const FROM = path.join(root, "configs/docker/seccomp.json");
export const PROFILE = path.join(manifests, "seccomp.json");

// What the image is made for, with what their kernels also run.
const ARCHITECTURES = ["SCMP_ARCH_X86_64", "SCMP_ARCH_X86", "SCMP_ARCH_X32", "SCMP_ARCH_AARCH64",
  "SCMP_ARCH_ARM"];
const ARCHES = ["amd64", "x86", "x32", "arm64", "arm"];
const KNOWN = ["arches", "caps", "minKernel"];
const WANTED = ["io_uring_setup", "io_uring_enter", "io_uring_register"];

// The pod has no capability, and a kernel that is newer than any that a rule asks for.
function holds({ includes = {}, excludes = {} }) {
  const unknown = [includes, excludes].flatMap(Object.keys).find((each) => !KNOWN.includes(each));
  if (unknown !== undefined || excludes.minKernel !== undefined) {
    throw new Error(`${FROM}: a condition that is not known: ${unknown ?? "excludes.minKernel"}`);
  }
  return includes.caps === undefined &&
    (includes.arches?.some((each) => ARCHES.includes(each)) ?? true) &&
    !(excludes.arches?.some((each) => ARCHES.includes(each)) ?? false);
}

function decided() {
  const { defaultAction, defaultErrnoRet, syscalls } = JSON.parse(readFileSync(FROM, "utf8"));
  const kept = syscalls.filter(holds).map(({ names, action, errnoRet, args }) =>
    ({ names, action, errnoRet, args: args ?? undefined }));
  return { defaultAction, defaultErrnoRet, architectures: ARCHITECTURES, syscalls: kept };
}

const text = () => `${JSON.stringify(decided(), null, 2)}\n`;

export const writeProfile = () => writeFileSync(PROFILE, text());

/// Whether it is what it is made from, and allows io_uring and nothing that needs a capability.
export function profileFaults() {
  if (!existsSync(PROFILE) || readFileSync(PROFILE, "utf8") !== text()) {
    return ["seccomp.json is not what configs/docker/seccomp.json comes to; write it anew: " +
      "node tests/kubernetes/run.mjs profile"];
  }
  const allowed = new Set(decided().syscalls
    .filter(({ action, args }) => action === "SCMP_ACT_ALLOW" && args === undefined)
    .flatMap(({ names }) => names));
  return [...WANTED.filter((name) => !allowed.has(name)).map((name) => `${name} is not allowed`),
    ...["mount", "bpf", "setns", "reboot", "init_module"].filter((name) => allowed.has(name))
      .map((name) => `${name} is allowed`)];
}
