// What the rules look at: the documents by kind, and roused's settings as they are in the
// container.

import path from "node:path";

import { agreements } from "./rules.mjs";
import { restricted } from "./restricted.mjs";
import { effectiveSettings } from "./settings.mjs";

function findOne(documents, kind) {
  const found = documents.filter((document) => document.kind === kind);
  if (found.length !== 1) {
    throw new Error(`${found.length} documents of the kind ${kind}, and one is wanted`);
  }
  return found[0];
}

// CPU limits are rounded up when they become variables.
function variables(container) {
  const read = ({ name, value, valueFrom }) => {
    const reference = valueFrom?.resourceFieldRef;
    if (reference === undefined) {
      return [name, value];
    }
    const limit = container.resources?.limits?.cpu;
    if (reference.resource !== "limits.cpu" || reference.containerName !== container.name ||
      limit === undefined) {
      throw new Error(`${name}: not the CPU limit of the container ${container.name}`);
    }
    return [name, String(Math.ceil(/m$/.test(limit) ? parseInt(limit, 10) / 1000 : Number(limit)))];
  };
  return Object.fromEntries((container.env ?? []).map(read));
}

// The file that --config names, where it is mounted from, and its text.
function findConfiguration(pod, container, documents) {
  const args = container.args ?? [];
  const asked = args[args.indexOf("--config") + 1];
  const mount = (container.volumeMounts ?? [])
    .find(({ mountPath }) => args.includes("--config") && mountPath === path.dirname(asked));
  const volume = (pod.volumes ?? []).find(({ name }) => name === mount?.name);
  const map = documents.find(({ kind, metadata }) =>
    kind === "ConfigMap" && metadata.name === volume?.configMap?.name);
  return { mount, volume, file: map?.data?.[path.basename(asked ?? "")] };
}

/// Everything that is wrong with the documents of one kustomization, but for types.
export function faultsOf(documents) {
  try {
    const deployment = findOne(documents, "Deployment");
    const pod = deployment.spec.template.spec;
    const container = pod.containers[0];
    const configuration = findConfiguration(pod, container, documents);
    const view = {
      all: documents,
      one: (kind) => findOne(documents, kind),
      deployment,
      pod,
      container,
      configuration,
      settings: effectiveSettings(configuration.file ?? "", variables(container)),
    };
    const rules = [...Object.values(agreements), restricted];
    return rules.flatMap((rule) => rule(view));
  } catch (error) {
    return [error.message];
  }
}
