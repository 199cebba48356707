/** All open watches: starts them at the version that the client names and sends them changes. */
import { ApiFailure, expired } from '../objects/api-failure.ts';
import { isTrue, type ApiRequest } from '../requests/api-request.ts';
import type { StreamShape } from '../ground/byte-stream.ts';
import type { Clock } from '../../src/base/clock.ts';
import { OpenWatch, type WatchFaults } from './open-watch.ts';
import { invalidListOptions, parseVersion } from './list-page.ts';
import { selectionOf, type Selection } from '../requests/selection.ts';
import type { Store } from '../objects/store.ts';

export class Watches {
  readonly #store: Store;
  readonly #clock: Clock;
  readonly #open = new Set<OpenWatch>();

  constructor(store: Store, clock: Clock) {
    this.#store = store;
    this.#clock = clock;
    store.subscribe((change) => {
      for (const watch of this.#open) watch.sendChange(change);
    });
  }

  get open(): readonly OpenWatch[] {
    return [...this.#open];
  }

  /** A compacted version is answered with 200 and an ERROR frame; a future version waits until it is reached. */
  start(request: ApiRequest, shape: StreamShape, faults: WatchFaults): OpenWatch {
    const { revision, compactedRevision } = this.#store;
    const isSelected = selectionOf(request);
    const from = startOf(request.query);
    const present = Math.max(faults.startRevision ?? revision, compactedRevision);
    const since = from === 'now' ? present : from;
    const watch = new OpenWatch({
      request,
      clock: this.#clock,
      shape,
      faults,
      isSelected,
      since,
      currentRevision: () => this.#store.revision,
      onClose: (closed) => this.#open.delete(closed),
    });
    this.#open.add(watch);
    if (from === 'now') this.#sendState(watch, isSelected, present);
    if (since < compactedRevision) {
      watch.refuse(expired(`too old resource version: ${since} (${compactedRevision})`));
    } else for (const change of this.#store.changesAfter(since)) watch.sendChange(change);
    return watch;
  }

  #sendState(watch: OpenWatch, isSelected: Selection, revision: number): void {
    const { kind, query, isNamedWatch } = watch.request;
    for (const [, object] of this.#store.objectsAt(kind, revision)) {
      if (isSelected(object)) watch.sendInitial(object);
    }
    // The deprecated watch paths send no bookmark after the initial events.
    if (query.get('allowWatchBookmarks') === 'true' && !isNamedWatch) {
      watch.bookmarkEndOfInitialEvents(revision);
    }
  }
}

/** Without a version, with version 0 and with `sendInitialEvents` a watch starts with the current state. */
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
