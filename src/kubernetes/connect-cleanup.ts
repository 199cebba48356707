/** What `cleanup` needs of a cluster: lists as they stand in the store, never a cache, and the writers without a fence. */
import type { LeaseStore, ObservedLease } from '../controller/election/lease.ts';
import type { Clock } from '../base/clock.ts';
import { type Instance, leaseNameOf } from '../domain/contract.ts';
import type { CachedPullSecret, CachedServiceAccount } from '../domain/state/observed.ts';
import { isNotFound } from './transport/api-error.ts';
import { ApiTransport } from './transport/api-transport.ts';
import { LeaseMark } from './lease/lease-mark.ts';
import { KubernetesLeaseStore } from './lease/lease-store.ts';
import { listLatest } from './transport/list-latest.ts';
import { projectNamespace, projectServiceAccount } from './view/project-objects.ts';
import { projectPullSecret } from './view/project-pull-secret.ts';
import { PullSecretWriter } from './write/pull-secret-writer.ts';
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

/** Throws `ControllerError`s. */
export interface CleanupCluster {
  readLease(signal: AbortSignal): Promise<ObservedLease | undefined>;
  /** Sets the mark that keeps everybody from leading. True where the Lease is there for the mark alone. */
  pause(why: string, signal: AbortSignal): Promise<boolean>;
  resume(signal: AbortSignal): Promise<void>;
  /** Where it is there for the mark alone. True where there is none any more. */
  deleteLease(signal: AbortSignal): Promise<boolean>;
  /** The Secrets of our name in one namespace or in all, whosever they are, from their metadata alone. */
  listPullSecrets(
    namespace: string | undefined,
    signal: AbortSignal,
  ): Promise<readonly CachedPullSecret[]>;
  /** Of one namespace, or of all. */
  listServiceAccounts(
    namespace: string | undefined,
    signal: AbortSignal,
  ): Promise<readonly CachedServiceAccount[]>;
  /** Whether the namespace is being deleted, or gone. */
  isGoing(namespace: string, signal: AbortSignal): Promise<boolean>;
  /** Takes every entry of our name out. */
  detach(account: CachedServiceAccount, signal: AbortSignal): Promise<void>;
  /** Exactly this object; gone already counts as done. */
  delete(pullSecret: CachedPullSecret, signal: AbortSignal): Promise<void>;
  close(): Promise<void>;
}

const UNMEASURED = { written: () => undefined, conflicted: () => undefined };
const ignore = (): void => undefined;

/** Connects to nothing yet. */
export function connectCleanup(
  access: ApiServerConnection,
  options: CleanupOptions,
): CleanupCluster {
  const { instance, namespace, clock } = options;
  const wire = access.openWire();
  const budget = new RequestBudget({ clock, ...options.budget });
  const transport = new ApiTransport({ wire, clock, budget });
  const { secretName, fieldManager } = instance;
  const lease = { transport, clock, namespace, name: leaseNameOf(instance.name), fieldManager };
  const store: Pick<LeaseStore, 'read'> = new KubernetesLeaseStore(lease);
  const mark = new LeaseMark(lease);
  const writing = { transport, instance, measurements: UNMEASURED, absorb: ignore };
  const accounts = new ServiceAccountWriter(writing);
  const secrets = new PullSecretWriter({ ...writing, forget: ignore });

  return {
    readLease: (signal) => store.read(signal),
    pause: (why, signal) => mark.write(why, signal),
    resume: (signal) => mark.delete(signal),
    deleteLease: (signal) => mark.deleteLease(signal),
    listPullSecrets(one, signal) {
      const path = collectionPath('secrets', one);
      const query = { fieldSelector: `metadata.name=${secretName}` };
      const project = (object: unknown) => projectPullSecret(object, instance);
      return listLatest({ transport, path, query, accept: METADATA_LIST }, project, signal);
    },
    listServiceAccounts(one, signal) {
      const path = collectionPath('serviceaccounts', one);
      const source = { transport, path, query: {}, accept: undefined };
      return listLatest(source, projectServiceAccount, signal);
    },
    async isGoing(name, signal) {
      try {
        const path = namespacePath(name);
        const answer = await transport.request({ method: 'GET', path, accept: METADATA, signal });
        return projectNamespace(answer)?.terminating ?? false;
      } catch (error) {
        if (isNotFound(error)) return true;
        throw error;
      }
    },
    detach: (account, signal) => accounts.detach(account, { signal }),
    delete: (pullSecret, signal) => secrets.delete(pullSecret, { signal }),
    close: () => wire.close(),
  };
}
