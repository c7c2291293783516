// Renders a kustomization as `kubectl kustomize` does, as far as configs/kubernetes needs it: where
// there is kubectl, run.mjs compares the two. What it does not know is an error, so nothing in a
// kustomization goes unchecked.

import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import path from "node:path";

import { yaml } from "./packages.mjs";

const FILE = "kustomization.yaml";

// The fields that are rendered, each with those of its entries.
const KNOWN = {
  apiVersion: null,
  kind: null,
  namespace: null,
  resources: null,
  configMapGenerator: ["name", "files", "options"],
  images: ["name", "newName", "newTag"],
  patches: ["target", "patch"],
};

const isObject = (value) => typeof value === "object" && value !== null;

function refuseUnknown(where, asked) {
  for (const [field, value] of Object.entries(asked)) {
    if (!(field in KNOWN)) {
      throw new Error(`${where}: the field ${field} is not known`);
    }
    for (const entry of KNOWN[field] === null ? [] : value) {
      const unknown = Object.keys(entry).find((key) => !KNOWN[field].includes(key));
      if (unknown !== undefined) {
        throw new Error(`${where}: the field ${field}.${unknown} is not known`);
      }
    }
  }
  if (asked.apiVersion !== "kustomize.config.k8s.io/v1beta1" || asked.kind !== "Kustomization") {
    throw new Error(`${where}: not a Kustomization of kustomize.config.k8s.io/v1beta1`);
  }
}

// A manifest that is in the folder and in no list would never be applied.
function refuseForgotten(folder, resources) {
  for (const name of readdirSync(folder)) {
    if (/\.ya?ml$/.test(name) && name !== FILE && !resources.includes(name)) {
      throw new Error(`${path.join(folder, name)}: not among the resources of ${FILE}`);
    }
  }
}

function readResource(folder, name) {
  const where = path.join(folder, name);
  if (!existsSync(where)) {
    throw new Error(`${path.join(folder, FILE)}: the resource ${name} does not exist`);
  }
  if (statSync(where).isDirectory()) {
    return render(where);
  }
  return yaml.loadAll(readFileSync(where, "utf8"), null, { filename: where });
}

function generate(folder, { name, files, options }) {
  const data = Object.fromEntries(
    files.map((file) => [path.basename(file), readFileSync(path.join(folder, file), "utf8")]),
  );
  const hash = createHash("sha256").update(JSON.stringify(data)).digest("hex").slice(0, 10);
  return {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name: `${name}-${hash}`, labels: options?.labels },
    data,
  };
}

// Each object and each array below the document, itself included.
export function* parts(value) {
  if (isObject(value)) {
    yield value;
    for (const inner of Object.values(value)) {
      yield* parts(inner);
    }
  }
}

function nameGenerated(documents, from, to) {
  for (const part of documents.flatMap((document) => [...parts(document)])) {
    for (const kind of ["configMap", "configMapRef", "configMapKeyRef"]) {
      if (part[kind]?.name === from) {
        part[kind].name = to;
      }
    }
  }
}

function setImages(documents, images) {
  for (const part of documents.flatMap((document) => [...parts(document)])) {
    const found = images.find(({ name }) => typeof part.image === "string" && part.image === name);
    if (found !== undefined) {
      part.image = `${found.newName}:${found.newTag}`;
    }
  }
}

// RFC 6902, of which only "replace" and "add" of members are needed.
function applyPatch(documents, { target, patch }, where) {
  const wanted = documents.filter(({ apiVersion, kind, metadata }) =>
    apiVersion === `${target.group}/${target.version}` && kind === target.kind &&
    metadata.name === target.name);
  if (wanted.length === 0) {
    throw new Error(`${where}: a patch has no target`);
  }
  for (const { op, path: pointer, value } of yaml.load(patch)) {
    const steps = pointer.slice(1).split("/");
    const last = steps.pop();
    for (const document of wanted) {
      const holder = steps.reduce((at, step) => at?.[step], document);
      if (!isObject(holder) || (op === "replace" && !(last in holder)) ||
          !["replace", "add"].includes(op)) {
        throw new Error(`${where}: the patch cannot ${op} ${pointer}`);
      }
      holder[last] = value;
    }
  }
}

/// The documents of the kustomization in the folder.
export function render(folder) {
  const where = path.join(folder, FILE);
  const asked = yaml.load(readFileSync(where, "utf8"), { filename: where });
  refuseUnknown(where, asked);
  refuseForgotten(folder, asked.resources);
  const documents = asked.resources.flatMap((name) => readResource(folder, name));
  for (const generator of asked.configMapGenerator ?? []) {
    const made = generate(folder, generator);
    nameGenerated(documents, generator.name, made.metadata.name);
    documents.push(made);
  }
  setImages(documents, asked.images ?? []);
  for (const document of documents) {
    if (asked.namespace !== undefined && document.kind !== "Namespace") {
      document.metadata.namespace = asked.namespace;
    }
  }
  for (const patch of asked.patches ?? []) {
    applyPatch(documents, patch, where);
  }
  return documents;
}
