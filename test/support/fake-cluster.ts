/**
 * A cluster in memory that stands behind the controller's ports. It behaves as the real one where the controller
 * depends on it: versions and conflicts, UIDs, termination, changes that are told; and it refuses loudly what no fault
 * may ever make us do.
 */
import type {
  Change,
  ClusterView,
  EventSink,
  NamespaceEvent,
  Namespaces,
  PullSecrets,
  SecretChange,
  ServiceAccounts,
} from '../../src/controller/ports.ts';
import type { Instance } from '../../src/domain/contract.ts';
import { ObsoleteError, StalledError, TransientError } from '../../src/domain/errors.ts';
import type {
  NamespaceRecord,
  ObservedNamespace,
  PullSecretRecord,
  ServiceAccountRecord,
} from '../../src/domain/observed.ts';
import { isOurs } from '../../src/domain/ownership.ts';
import type { PullSecretContent } from '../../src/domain/pull-secret.ts';
import { SecretText } from '../../src/domain/secret-text.ts';
import { INSTANCE } from './builders.ts';
import { afterAnnotate, afterApply, afterAttach, afterDetach } from './cluster-model.ts';

/** One token is all that an `auth` of a fake has. */
type DockerConfig = { readonly auths: Readonly<Record<string, { readonly auth: string }>> };

export type Write = 'writeSecret' | 'annotateSecret' | 'deleteSecret' | 'attach' | 'detach';
type Call = Write | 'confirm' | 'readBack';

export class FakeCluster implements ClusterView {
  /** Every write that succeeded, as `kind namespace` or `kind namespace/account`. */
  readonly writes: string[] = [];
  /** The namespaces whose content was read, each time. */
  readonly reads: string[] = [];
  readonly events: NamespaceEvent[] = [];
  /** The last dockerconfigjson of each namespace, revealed. */
  readonly dockerConfigs = new Map<string, string>();
  readonly pullSecretPort: PullSecrets;
  readonly serviceAccountPort: ServiceAccounts;
  readonly namespacePort: Namespaces;
  readonly eventPort: EventSink = { emit: (event) => this.events.push(event) };
  readonly #instance: Instance;
  readonly #state = new Map<string, ObservedNamespace>();
  readonly #failures = new Map<Call, unknown[]>();
  readonly #hooks = new Map<Call, () => void>();
  #version = 100;
  #listen: (change: Change) => void = () => undefined;

  constructor(instance: Instance = INSTANCE) {
    this.#instance = instance;
    this.pullSecretPort = {
      write: (namespace, content, existing) => this.#apply(namespace, content, existing),
      annotate: (existing, change) => this.#annotate(existing, change),
      delete: (existing) => this.#delete(existing),
      readBack: (existing) => this.#readBack(existing),
    };
    this.serviceAccountPort = {
      attach: (account) => this.#changeAccount('attach', account),
      detach: (account) => this.#changeAccount('detach', account),
    };
    this.namespacePort = { confirmUnchanged: (observed) => this.#confirm(observed) };
  }

  observe(namespace: string): ObservedNamespace | undefined {
    return this.#state.get(namespace);
  }

  namespaces(): Iterable<NamespaceRecord> {
    return this.#state.values();
  }

  *pullSecrets(): Iterable<{ namespace: NamespaceRecord; pullSecret: PullSecretRecord }> {
    for (const namespace of this.#state.values()) {
      const { pullSecret } = namespace;
      if (pullSecret !== undefined) yield { namespace, pullSecret };
    }
  }

  /** As the caches tell the controller what has changed, our own writes included. */
  listen(listener: (change: Change) => void): void {
    this.#listen = listener;
  }

  /** Somebody makes or changes a namespace and what is in it. */
  put(namespace: ObservedNamespace, resource: Change['resource'] = 'namespaces'): void {
    const kind = this.#state.has(namespace.name) ? 'modified' : 'added';
    this.#state.set(namespace.name, namespace);
    this.#listen({ resource, kind, namespace: namespace.name });
  }

  /** Somebody changes part of a namespace. */
  change(
    name: string,
    change: Partial<ObservedNamespace>,
    resource: Change['resource'] = 'namespaces',
  ): void {
    this.put({ ...this.get(name), ...change, resourceVersion: this.#nextVersion() }, resource);
  }

  /** Somebody changes our Secret. */
  changeSecret(name: string, change: Partial<PullSecretRecord>): void {
    const { pullSecret } = this.get(name);
    if (pullSecret === undefined) throw new Error(`no Secret in ${name}`);
    this.#storeSecret(name, { ...pullSecret, ...change });
  }

  deleteSecret(name: string): void {
    this.#storeSecret(name, undefined);
  }

  delete(name: string): void {
    this.#state.delete(name);
    this.#listen({ resource: 'namespaces', kind: 'deleted', namespace: name });
  }

  get(name: string): ObservedNamespace {
    const namespace = this.#state.get(name);
    if (namespace === undefined) throw new Error(`no namespace ${name}`);
    return namespace;
  }

  /** The next calls of this kind fail with this. */
  failNext(call: Call, error: unknown, times = 1): void {
    const failures = this.#failures.get(call) ?? [];
    this.#failures.set(call, [...failures, ...Array.from({ length: times }, () => error)]);
  }

  /** What somebody else does just before each call of this kind arrives. */
  before(call: Call, action: () => void): void {
    this.#hooks.set(call, action);
  }

  async #apply(
    name: string,
    content: PullSecretContent,
    existing: PullSecretRecord | undefined,
  ): Promise<void> {
    const { pullSecret: present } = await this.#arrive('writeSecret', name);
    if (existing === undefined && present !== undefined) throw conflict('there is one by now');
    if (existing !== undefined) this.#checkSame(existing, present);
    if (present?.immutableSet === true) {
      throw new StalledError('it is immutable', {
        code: 'SECRET_IMMUTABLE',
        eventReason: 'SecretImmutable',
      });
    }
    const written = afterApply(name, this.#instance.secretName, content, present);
    this.dockerConfigs.set(name, content.dockerConfig.reveal());
    this.#record('writeSecret', name);
    this.#storeSecret(name, written);
  }

  async #annotate(existing: PullSecretRecord, change: SecretChange): Promise<void> {
    const { namespace } = existing;
    const { pullSecret } = await this.#arrive('annotateSecret', namespace);
    const present = this.#checkSame(existing, pullSecret);
    this.#record('annotateSecret', namespace);
    this.#storeSecret(namespace, afterAnnotate(present, change));
  }

  async #delete(existing: PullSecretRecord): Promise<void> {
    const { namespace } = existing;
    const { pullSecret } = await this.#arrive('deleteSecret', namespace);
    if (pullSecret === undefined) return;
    this.#checkSame(existing, pullSecret);
    if (!pullSecret.appliedByUs) throw new Error('deleted a Secret without our Apply entry');
    this.#record('deleteSecret', namespace);
    this.#storeSecret(namespace, undefined);
  }

  async #readBack(existing: PullSecretRecord): Promise<ReadonlyMap<string, SecretText>> {
    const { namespace } = existing;
    const { pullSecret } = await this.#arrive('readBack', namespace);
    const { appliedByUs, dataOurs, tokensOurs } = this.#checkSame(existing, pullSecret);
    this.reads.push(namespace);
    if (!appliedByUs || !dataOurs || !tokensOurs) return new Map();
    const { auths } = JSON.parse(
      this.dockerConfigs.get(namespace) ?? '{"auths":{}}',
    ) as DockerConfig;
    return new Map(Object.entries(auths).map(([host, { auth }]) => [host, new SecretText(auth)]));
  }

  async #changeAccount(call: 'attach' | 'detach', account: ServiceAccountRecord): Promise<void> {
    const namespace = await this.#arrive(call, account.namespace);
    const present = namespace.serviceAccounts.find(({ uid }) => uid === account.uid);
    if (present === undefined) throw gone();
    const after = call === 'attach' ? afterAttach : afterDetach;
    const changed = {
      ...after(present, this.#instance.secretName),
      resourceVersion: this.#nextVersion(),
    };
    const serviceAccounts = namespace.serviceAccounts.map((each) =>
      each.uid === account.uid ? changed : each,
    );
    this.#record(call, `${namespace.name}/${account.name}`);
    // Another write may have come between the arrival and now.
    this.put({ ...this.get(namespace.name), serviceAccounts }, 'serviceaccounts');
  }

  async #confirm(observed: ObservedNamespace): Promise<void> {
    const { uid, resourceVersion, terminating } = await this.#arrive('confirm', observed.name);
    if (terminating) throw gone();
    if (uid !== observed.uid || resourceVersion !== observed.resourceVersion) {
      throw conflict('the namespace changed');
    }
  }

  /** The call reaches the server: nothing of it happens in the same turn. */
  async #arrive(call: Call, name: string): Promise<ObservedNamespace> {
    await Promise.resolve();
    this.#hooks.get(call)?.();
    const failures = this.#failures.get(call) ?? [];
    if (failures.length > 0) throw failures.shift();
    const namespace = this.#state.get(name);
    if (namespace === undefined || (namespace.terminating && call === 'writeSecret')) throw gone();
    return namespace;
  }

  #checkSame(expected: PullSecretRecord, present: PullSecretRecord | undefined): PullSecretRecord {
    if (present === undefined) throw gone();
    if (!isOurs(present)) throw new Error('touched a Secret that is not ours');
    if (present.uid !== expected.uid || present.resourceVersion !== expected.resourceVersion) {
      throw conflict('the Secret changed');
    }
    return present;
  }

  #storeSecret(namespace: string, pullSecret: PullSecretRecord | undefined): void {
    const changed = pullSecret && { ...pullSecret, resourceVersion: this.#nextVersion() };
    this.put({ ...this.get(namespace), pullSecret: changed }, 'secrets');
  }

  #record(write: Write, what: string): void {
    this.writes.push(`${write} ${what}`);
  }

  #nextVersion(): string {
    this.#version += 1;
    return String(this.#version);
  }
}

function conflict(what: string): TransientError {
  return new TransientError(what, { code: 'CONFLICT' });
}

function gone(): ObsoleteError {
  return new ObsoleteError('it is gone', { code: 'OBJECT_GONE' });
}
