import { deploymentOf } from "./facts.ts";
import { defineRule, type CheckedResource } from "./rule.ts";
import { names } from "./settings.ts";

interface Artifact {
  noun: string;
  version: string;
  url?: string;
  digest?: string;
}

/** What is fetched is what was meant: a digest for every URL, and no version that moves. */
export const pinnedArtifacts = defineRule({
  name: "pinned-artifacts",
  description: "Releases, stemcells and images that are fetched have a digest, and no version that moves.",
  config: {
    algorithms: names("Digests that count; a digest without a name is a sha1.", ["sha1", "sha256", "sha512"]),
    allow: names("Releases, stemcells and images to let pass."),
  },
  checkResource(resource, { algorithms, allow }) {
    return artifactsOf(resource)
      .filter(({ noun }) => !allow.some((name) => noun.endsWith(`'${name}'`)))
      .flatMap(({ noun, version, url, digest }) => {
        if (version === "latest" || version.endsWith(".latest")) return [{ message: `The ${noun} has the version '${version}': what that is changes by itself. Name one.` }];
        if (url === undefined || !isFetched(url)) return [];
        if (digest === undefined) return [{ message: `The ${noun} is fetched from ${url} without a digest.` }];
        const known = algorithmsOf(digest);
        return known.some((name) => algorithms.includes(name)) ? [] : [{ message: `The ${noun} has a digest of ${known.join(", ")}; what counts here is ${algorithms.join(", ")}.` }];
      });
  },
});

function artifactsOf(resource: CheckedResource): Artifact[] {
  const deployment = deploymentOf(resource);
  if (deployment) {
    return [
      ...deployment.releases.map((release) => ({ ...release, noun: `release '${release.name}'` })),
      ...deployment.stemcells.map((stemcell) => ({ ...stemcell, noun: `stemcell '${stemcell.alias}'` })),
    ];
  }
  if (resource.type !== "kubernetes:core/v1:Pod") return [];
  const { spec } = resource.props as { spec?: Record<string, { image?: string }[] | undefined> };
  return ["containers", "initContainers"]
    .flatMap((kind) => spec?.[kind] ?? [])
    .filter((container) => container.image !== undefined)
    .map(({ image = "" }) => ({ noun: `image '${image}'`, version: "", url: `docker://${image}`, digest: image.split("@")[1] }));
}

const isFetched = (url: string) => /^[a-z][a-z0-9+.-]*:\/\//i.test(url) && !url.startsWith("file:");

/** `sha256:HEX;HEX` has sha256 and sha1. */
function algorithmsOf(digest: string): string[] {
  return digest.split(";").map((part) => (part.includes(":") ? part.split(":")[0]! : "sha1"));
}
