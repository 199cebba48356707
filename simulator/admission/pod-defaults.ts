/** Defaults that the server sets when it decodes a Pod, without tolerations, priority and token volumes: nothing reads them. */
import { isJsonObject, mapOf, textOf, type JsonObject } from '../objects/api-object.ts';

export function withPodDefaults(pod: JsonObject): JsonObject {
  const spec = withoutEmptyLists(mapOf(pod['spec']));
  const account = spec['serviceAccountName'] ?? spec['serviceAccount'];
  return {
    ...pod,
    spec: {
      restartPolicy: 'Always',
      terminationGracePeriodSeconds: 30,
      dnsPolicy: 'ClusterFirst',
      securityContext: {},
      schedulerName: 'default-scheduler',
      enableServiceLinks: true,
      ...spec,
      ...(account === undefined ? {} : { serviceAccountName: account, serviceAccount: account }),
      ...(Array.isArray(spec['containers'])
        ? { containers: spec['containers'].map(withContainerDefaults) }
        : {}),
    },
    status: pod['status'] ?? { phase: 'Pending', qosClass: 'BestEffort' },
  };
}

function withoutEmptyLists(spec: JsonObject): JsonObject {
  const kept = Object.entries(spec).filter(
    ([, value]) => !Array.isArray(value) || value.length > 0,
  );
  return Object.fromEntries(kept);
}

function withContainerDefaults(container: unknown): unknown {
  if (!isJsonObject(container)) return container;
  return {
    resources: {},
    terminationMessagePath: '/dev/termination-log',
    terminationMessagePolicy: 'File',
    imagePullPolicy: isPinned(textOf(container['image'])) ? 'IfNotPresent' : 'Always',
    ...container,
  };
}

/** By digest, or by any tag except `latest`. */
function isPinned(image: string): boolean {
  const tag = /:([^:/]+)$/.exec(image)?.[1] ?? 'latest';
  return image.includes('@') || tag !== 'latest';
}
