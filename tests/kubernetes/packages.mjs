// Where things are, and the packages of package.json, which ./dev puts into build/kubernetes.

import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import path from "node:path";

export const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "../..");
export const installed = path.join(root, "build/kubernetes");
export const manifests = path.join(root, "configs/kubernetes");
export const roused = path.join(root, "build/release/server/roused");

const require = createRequire(path.join(installed, "package.json"));
export const yaml = require("js-yaml");
export const tsc = path.join(installed, "node_modules/typescript/bin/tsc");
