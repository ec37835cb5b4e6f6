import path from "node:path";
import { CompiledPackageCache } from "./blobstore/index.ts";
import { blobCache } from "./registry/index.ts";
import { Compilation } from "./compilation.ts";
import { cacheFolder, homeFolder } from "./home.ts";
import { localIaasOf } from "./local-environments.ts";
import type { LocalIaas } from "./local/index.ts";
import { PackageSources } from "./package-source.ts";
import { ReleaseShelf } from "./release-shelf.ts";
import { Rendering } from "./rendering.ts";
import type { Services } from "./services.ts";
import { rubyRenderer } from "./templates/index.ts";

/** The services of a real run: this user's folders, this machine's clock. */
export function realServices(env: NodeJS.ProcessEnv): Services {
  const home = homeFolder(env);
  const cache = cacheFolder(env);
  const environments = new Map<string, LocalIaas>();
  const local = (name: string) => {
    let iaas = environments.get(name);
    if (!iaas) environments.set(name, (iaas = localIaasOf(home, name)));
    return iaas;
  };
  const now = () => new Date();
  // One store for all that can be made or fetched again: `repave release compile` fills it for updates.
  const blobs = blobCache(cache);
  const releases = new ReleaseShelf(blobs);
  const rendering = new Rendering(rubyRenderer({ threads: 2, cacheDir: path.join(home, "renderings") }));
  const sources = new PackageSources(releases, blobs);
  const compilation = new Compilation({ home, local, sources, blobs, compiled: new CompiledPackageCache(blobs), now });
  return {
    now,
    home,
    local,
    blobs,
    releases,
    rendering,
    compilation,
    async close() {
      await Promise.allSettled([compilation.close(), rendering.close()]);
    },
  };
}
