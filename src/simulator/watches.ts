/** Every open watch: starts them from the version that the client names and passes changes on. */
import { ApiFailure, expired } from './api-failure.ts';
import { isTrue, type ApiRequest } from './api-request.ts';
import type { StreamShape } from './byte-stream.ts';
import type { SimulatorClock } from './clock.ts';
import { OpenWatch, type Silence } from './open-watch.ts';
import { invalidListOptions, parseVersion } from './list-page.ts';
import type { Store } from './store.ts';

export class Watches {
  readonly #store: Store;
  readonly #clock: SimulatorClock;
  readonly #open = new Set<OpenWatch>();

  constructor(store: Store, clock: SimulatorClock) {
    this.#store = store;
    this.#clock = clock;
    store.subscribe((change) => {
      for (const watch of this.#open) watch.tell(change);
    });
  }

  get open(): readonly OpenWatch[] {
    return [...this.#open];
  }

  /** A version that is compacted is answered with 200 and an ERROR frame; one in the future waits for its time. */
  start(request: ApiRequest, shape: StreamShape, silence: Silence): OpenWatch {
    const { query } = request;
    const from = startOf(query);
    const watch = new OpenWatch({
      request,
      clock: this.#clock,
      shape,
      silence,
      since: from === 'now' ? this.#store.revision : from,
      currentRevision: () => this.#store.revision,
      onClose: (closed) => this.#open.delete(closed),
    });
    this.#open.add(watch);
    if (from === 'now') this.#tellPresent(watch);
    else if (from < this.#store.compactedRevision) {
      watch.refuse(expired(`too old resource version: ${from} (${this.#store.compactedRevision})`));
    } else for (const change of this.#store.changesAfter(from)) watch.tell(change);
    return watch;
  }

  #tellPresent(watch: OpenWatch): void {
    const { kind, namespace, name, query } = watch.request;
    for (const [, object] of this.#store.objectsAt(kind, this.#store.revision)) {
      const { metadata } = object;
      if (namespace !== undefined && metadata.namespace !== namespace) continue;
      if (name === undefined || metadata.name === name) watch.tellInitial(object);
    }
    if (query.get('allowWatchBookmarks') === 'true') watch.bookmark(true);
  }
}

/** Without a version, with 0 and with `sendInitialEvents` a watch starts with what is there. */
function startOf(query: URLSearchParams): number | 'now' {
  if (isTrue(query.get('sendInitialEvents'))) {
    if (query.get('resourceVersionMatch') === 'NotOlderThan') return 'now';
    throw invalidListOptions(
      'sendInitialEvents requires setting resourceVersionMatch to NotOlderThan',
    );
  }
  const version = query.get('resourceVersion');
  if (version !== null && !/^\d*$/.test(version)) {
    throw new ApiFailure(500, {
      message: `resourceVersion: Invalid value: ${JSON.stringify(version)}`,
    });
  }
  return parseVersion(version) || 'now';
}
