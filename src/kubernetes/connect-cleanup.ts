/**
 * What `cleanup` needs from a cluster: lists read from the store, never from a cache, and writers without the fence,
 * because `cleanup` is not the leader.
 */
import type { LeaseStore, ObservedLease } from '../controller/election/lease.ts';
import type { Clock } from '../base/clock.ts';
import { type Instance, leaseNameOf } from '../domain/contract.ts';
import type {
  CachedNamespace,
  CachedPullSecret,
  CachedServiceAccount,
} from '../domain/state/observed.ts';
import { isNotFound } from './transport/api-error.ts';
import { ApiTransport } from './transport/api-transport.ts';
import { KubernetesLeaseStore } from './lease/lease-store.ts';
import { PauseAnnotation } from './lease/pause-annotation.ts';
import { listLatest } from './transport/list-latest.ts';
import { projectNamespace, projectServiceAccount } from './view/project-objects.ts';
import { projectPullSecret } from './view/project-pull-secret.ts';
import { unreadPullSecret, unreadServiceAccount } from './view/unread-objects.ts';
import { PullSecretWriter } from './write/pull-secret-writer.ts';
import type { ReadObject } from './transport/read-object.ts';
import { RequestBudget } from './transport/request-budget.ts';
import { collectionPath, METADATA, METADATA_LIST, namespacePath } from './transport/resources.ts';
import { ServiceAccountWriter } from './write/service-account-writer.ts';
import type { ApiServerConnection } from './wire/wire.ts';

export interface CleanupOptions {
  readonly instance: Instance;
  /** Where the Lease lives. */
  readonly namespace: string;
  readonly budget: { readonly qps: number; readonly burst: number };
  readonly clock: Clock;
}

/** Every method throws a `ControllerError` when it fails. */
export interface CleanupCluster {
  readLease(signal: AbortSignal): Promise<ObservedLease | undefined>;
  /** Sets the pause annotation, which keeps every replica from leading. True if the Lease exists only for the pause. */
  pause(why: string, signal: AbortSignal): Promise<boolean>;
  resume(signal: AbortSignal): Promise<void>;
  /** Deletes the Lease only if it exists only for the pause. True if no Lease is left. */
  deleteLease(signal: AbortSignal): Promise<boolean>;
  /** All Secrets with our Secret's name in one namespace or in all, whoever owns them; reads their metadata only. */
  listPullSecrets(
    namespace: string | undefined,
    signal: AbortSignal,
  ): Promise<readonly CachedPullSecret[]>;
  /** Those of one namespace, or of all. */
  listServiceAccounts(
    namespace: string | undefined,
    signal: AbortSignal,
  ): Promise<readonly CachedServiceAccount[]>;
  /** `undefined` if it does not exist. */
  readNamespace(name: string, signal: AbortSignal): Promise<CachedNamespace | undefined>;
  /** Removes every reference to our Secret's name. */
  detach(account: CachedServiceAccount, signal: AbortSignal): Promise<void>;
  /** Deletes exactly this object; one that is already gone counts as deleted. */
  delete(pullSecret: CachedPullSecret, signal: AbortSignal): Promise<void>;
  close(): Promise<void>;
}

const UNMEASURED = { written: () => undefined, conflicted: () => undefined };
const ignore = (): void => undefined;

/** Opens no connection before the first call. */
export function connectCleanup(
  apiServer: ApiServerConnection,
  options: CleanupOptions,
): CleanupCluster {
  const { instance, namespace, clock } = options;
  const wire = apiServer.openWire();
  const budget = new RequestBudget({ clock, ...options.budget });
  const transport = new ApiTransport({ wire, clock, budget });
  const { secretName, fieldManager } = instance;
  const lease = { transport, clock, namespace, name: leaseNameOf(instance.name), fieldManager };
  const store: Pick<LeaseStore, 'read'> = new KubernetesLeaseStore(lease);
  const pauseAnnotation = new PauseAnnotation(lease);
  const writing = { transport, instance, measurements: UNMEASURED, absorb: ignore };
  const accounts = new ServiceAccountWriter(writing);
  const secrets = new PullSecretWriter({ ...writing, forget: ignore });

  return {
    readLease: (signal) => store.read(signal),
    pause: (why, signal) => pauseAnnotation.write(why, signal),
    resume: (signal) => pauseAnnotation.delete(signal),
    deleteLease: (signal) => pauseAnnotation.deleteLease(signal),
    listPullSecrets(one, signal) {
      const path = collectionPath('secrets', one);
      const query = { fieldSelector: `metadata.name=${secretName}` };
      const source = { transport, path, query, accept: METADATA_LIST };
      return listLatest(source, (item) => readPullSecret(item, instance), signal);
    },
    listServiceAccounts(one, signal) {
      const path = collectionPath('serviceaccounts', one);
      const source = { transport, path, query: {}, accept: undefined };
      return listLatest(source, (item) => readServiceAccount(item, secretName), signal);
    },
    async readNamespace(name, signal) {
      try {
        const path = namespacePath(name);
        const answer = await transport.request({ method: 'GET', path, accept: METADATA, signal });
        return projectNamespace(answer);
      } catch (error) {
        if (isNotFound(error)) return undefined;
        throw error;
      }
    },
    detach: (account, signal) => accounts.detach(account, { signal }),
    delete: (pullSecret, signal) => secrets.delete(pullSecret, { signal }),
    close: () => wire.close(),
  };
}

function readPullSecret(item: ReadObject, instance: Instance): CachedPullSecret | undefined {
  if (item.kind === 'tooLarge') return unreadPullSecret(item.meta);
  return projectPullSecret(item.object, instance);
}

function readServiceAccount(
  item: ReadObject,
  secretName: string,
): CachedServiceAccount | undefined {
  if (item.kind === 'tooLarge') return unreadServiceAccount(item.meta);
  return projectServiceAccount(item.object, secretName);
}
