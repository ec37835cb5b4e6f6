import type { Query, ResourceKind } from "../resource-kind.ts";
import { agentSettingsKind } from "./agent-settings.ts";
import { compiledPackageKind } from "./compiled-package.ts";
import { deployedManifestKind } from "./deployed-manifest.ts";
import { diskSizesKind } from "./disk-sizes.ts";
import { dnsQuery } from "./dns-query.ts";
import { dnsRecordsKind } from "./dns-records.ts";
import { instanceKind } from "./instance.ts";
import { jumpboxRenewalKind } from "./jumpbox-renewal.ts";
import { localBackendsKind } from "./local-backends.ts";
import { localDiskKind } from "./local-disk.ts";
import { localLoadBalancerKind } from "./local-load-balancer.ts";
import { localNetworkKind } from "./local-network.ts";
import { localVmKind } from "./local-vm.ts";
import { placementKind } from "./placement.ts";
import { postDeployKind } from "./post-deploy.ts";
import { releaseQuery } from "./release-query.ts";
import { renderQuery } from "./render-query.ts";
import { stemcellImageKind } from "./stemcell-image.ts";
import { variableKinds } from "./variable.ts";
import { waveKind } from "./wave.ts";

type AnyKind = ResourceKind<object, object>;

/** Every kind of resource of this provider, by type token. */
export const kinds: ReadonlyMap<string, AnyKind> = new Map(
  ([placementKind, ...variableKinds, compiledPackageKind, instanceKind, waveKind, dnsRecordsKind, postDeployKind, deployedManifestKind, agentSettingsKind, jumpboxRenewalKind, diskSizesKind, stemcellImageKind, localNetworkKind, localVmKind, localDiskKind, localLoadBalancerKind, localBackendsKind] as unknown as AnyKind[]).map(
    (kind) => [kind.type, kind],
  ),
);

/** Every function of this provider, by token. */
export const queries: ReadonlyMap<string, Query<object, object>> = new Map(
  ([releaseQuery, renderQuery, dnsQuery] as unknown as Query<object, object>[]).map((query) => [query.token, query]),
);
