/** The controller manager: creates each namespace's `default` ServiceAccount and finishes terminating namespaces. */
import { renderTime, type ApiObject } from './objects/api-object.ts';
import type { Clock } from '../src/base/clock.ts';
import { deleteObject } from './writes/deletion.ts';
import {
  apiVersionOf,
  NAMESPACES,
  RESOURCE_KINDS,
  SERVICE_ACCOUNTS,
} from './objects/resource-kinds.ts';
import { keyOf, type Change, type Store } from './objects/store.ts';

/** How long the controllers take. A real idle cluster takes about the default time for the first, seconds for the second. */
export interface LifecycleDelays {
  readonly defaultServiceAccountMs: number;
  readonly terminationMs: number;
}

interface LifecycleParts {
  readonly store: Store;
  readonly clock: Clock;
  readonly newUid: () => string;
  readonly delays: LifecycleDelays;
}

export class NamespaceLifecycle {
  readonly #parts: LifecycleParts;

  constructor(parts: LifecycleParts) {
    this.#parts = parts;
    parts.store.subscribe((change) => this.#react(change));
  }

  #react({ type, resource, object }: Change): void {
    const { clock, delays } = this.#parts;
    const { name, namespace, uid, deletionTimestamp } = object.metadata;
    const makeAccount = (home: string): void => {
      clock.after(delays.defaultServiceAccountMs, () => this.makeDefaultServiceAccount(home));
    };
    if (resource === NAMESPACES.resource && type === 'ADDED') makeAccount(name);
    if (
      resource === NAMESPACES.resource &&
      type === 'MODIFIED' &&
      deletionTimestamp !== undefined
    ) {
      clock.after(delays.terminationMs, () => this.#finish(name, uid));
    }
    const isDefault =
      resource === SERVICE_ACCOUNTS.resource && name === 'default' && namespace !== undefined;
    if (isDefault && type === 'DELETED') makeAccount(namespace);
    if (type === 'DELETED' && deletionTimestamp !== undefined) this.#finishHomeOf(namespace);
  }

  /** Does nothing if the namespace is gone or terminating, or already has one. */
  makeDefaultServiceAccount(namespace: string): void {
    const { store, clock, newUid } = this.#parts;
    const home = store.read(NAMESPACES, namespace);
    if (home === undefined || home.metadata.deletionTimestamp !== undefined) return;
    if (store.read(SERVICE_ACCOUNTS, keyOf(namespace, 'default')) !== undefined) return;
    const metadata = {
      name: 'default',
      namespace,
      uid: newUid(),
      creationTimestamp: renderTime(clock.now()),
    };
    const account: ApiObject = {
      kind: SERVICE_ACCOUNTS.kind,
      apiVersion: apiVersionOf(SERVICE_ACCOUNTS),
      metadata: { ...metadata, resourceVersion: '' },
    };
    store.put(SERVICE_ACCOUNTS, account);
  }

  /** An object that a finalizer held is gone: it may have been the last in a terminating namespace. */
  #finishHomeOf(namespace: string | undefined): void {
    const { store, clock, delays } = this.#parts;
    const home = namespace === undefined ? undefined : store.read(NAMESPACES, namespace);
    if (home?.metadata.deletionTimestamp === undefined) return;
    const { name, uid } = home.metadata;
    clock.after(delays.terminationMs, () => this.#finish(name, uid));
  }

  /** A namespace stays while a finalizer holds an object in it. Pods don't wait: there is no kubelet to stop them. */
  #finish(namespace: string, uid: string): void {
    const { store, clock } = this.#parts;
    if (store.read(NAMESPACES, namespace)?.metadata.uid !== uid) return;
    let isEmpty = true;
    for (const kind of RESOURCE_KINDS) {
      for (const [, object] of store.objectsAt(kind, store.revision)) {
        if (object.metadata.namespace !== namespace) continue;
        const setting = { store, now: clock.now(), graceSeconds: 0 };
        if (!deleteObject(kind, object, setting).isGone) isEmpty = false;
      }
    }
    if (isEmpty) store.remove(NAMESPACES, namespace);
  }
}
