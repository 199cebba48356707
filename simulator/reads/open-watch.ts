/** One open watch: sends frames and timed bookmarks, ends on time, and lets tests disturb it. */
import type { ApiObject } from '../objects/api-object.ts';
import type { ApiFailure } from '../objects/api-failure.ts';
import type { ApiRequest } from '../requests/api-request.ts';
import { ByteStream, type StreamShape } from '../ground/byte-stream.ts';
import type { Clock } from '../../src/base/clock.ts';
import { ConnectionCut } from '../ground/connection-cut.ts';
import { renderBookmark, renderObject } from '../objects/rendering.ts';
import type { Selection } from '../requests/selection.ts';
import { renderTable } from '../tables/table.ts';
import type { Change } from '../objects/store.ts';

const BOOKMARK_EVERY_MS = 60_000;

/** What a watch withholds: nothing, events but not bookmarks, or everything. */
export type Silence = 'none' | 'events' | 'all';

/** How a fault changes a watch. */
export interface WatchFaults {
  readonly silence: Silence;
  /** Delay of every frame. */
  readonly frameDelayMs: number;
  /** A watch from "now" starts at this older version. */
  readonly startRevision: number | undefined;
}

interface OpenWatchParts {
  readonly request: ApiRequest;
  readonly clock: Clock;
  readonly shape: StreamShape;
  readonly isSelected: Selection;
  readonly faults: WatchFaults;
  /** The client already knows changes up to this version. */
  readonly since: number;
  /** The version for a bookmark sent now. */
  readonly currentRevision: () => number;
  readonly onClose: (watch: OpenWatch) => void;
}

export class OpenWatch {
  readonly request: ApiRequest;
  readonly body: ByteStream;
  readonly #parts: OpenWatchParts;
  readonly #cancels: (() => void)[] = [];
  #silence: Silence;
  /** A table's columns are sent with its first row only. */
  #hasColumns = false;

  constructor(parts: OpenWatchParts) {
    this.#parts = parts;
    this.request = parts.request;
    this.#silence = parts.faults.silence;
    this.body = new ByteStream(parts.shape, () => {
      for (const cancel of this.#cancels) cancel();
      parts.onClose(this);
    });
    this.#startTimers();
  }

  /** Sends the client a change, if its selection covers it. */
  sendChange(change: Change): void {
    const { kind, metadataOnly } = this.request;
    if (change.resource !== kind.resource || this.#silence !== 'none') return;
    if (change.revision <= this.#parts.since) return;
    const seen = asSeenBy(this.#parts.isSelected, change);
    if (seen !== undefined) this.#frame(seen.type, renderObject(seen.object, metadataOnly));
  }

  sendInitial(object: ApiObject): void {
    if (this.#silence !== 'none') return;
    this.#frame('ADDED', renderObject(object, this.request.metadataOnly));
  }

  /** A server that withholds events still believes that the watch is up to date, so its bookmarks lie. */
  bookmark(): void {
    this.#bookmark(this.#parts.currentRevision(), false);
  }

  bookmarkEndOfInitialEvents(revision: number): void {
    this.#bookmark(revision, true);
  }

  /** Sends the failure as an ERROR frame and ends the watch. */
  refuse(failure: ApiFailure): void {
    this.#write('ERROR', failure.status());
    this.body.end();
  }

  /** Sends nothing from now on, not even bookmarks; the connection stays open. */
  silence(): void {
    this.#silence = 'all';
  }

  /** Sends bookmarks but no events from now on. */
  withholdEvents(): void {
    this.#silence = 'events';
  }

  /** Sends any text, such as half a line or junk. */
  send(text: string): void {
    this.body.write(text);
  }

  /** Breaks the connection; `midLine` leaves the start of a frame behind. */
  cut({ midLine = false } = {}): void {
    if (midLine) this.body.write('{"type":"MODIFIED","object":{"kind":"');
    this.body.fail(new ConnectionCut('the connection was reset'));
  }

  end(): void {
    this.body.end();
  }

  #bookmark(revision: number, endOfInitialEvents: boolean): void {
    if (this.#silence === 'all') return;
    const { kind, metadataOnly } = this.request;
    this.#frame('BOOKMARK', renderBookmark(kind, revision, { metadataOnly, endOfInitialEvents }));
  }

  #frame(type: string, object: Record<string, unknown>): void {
    const { kind, rowObject } = this.request;
    if (rowObject === undefined) {
      this.#write(type, object);
      return;
    }
    const now = this.#parts.clock.now();
    const view = { rowObject, now, withColumns: !this.#hasColumns };
    this.#hasColumns = true;
    this.#write(type, renderTable(kind, object, view));
  }

  #write(type: string, object: Record<string, unknown>): void {
    const line = `${JSON.stringify({ type, object })}\n`;
    const { clock, faults } = this.#parts;
    if (faults.frameDelayMs === 0) this.body.write(line);
    else this.#cancels.push(clock.after(faults.frameDelayMs, () => this.body.write(line)));
  }

  #startTimers(): void {
    const { clock, request } = this.#parts;
    const timeoutSeconds = Number(request.query.get('timeoutSeconds') ?? 0);
    if (timeoutSeconds > 0) {
      this.#cancels.push(clock.after(timeoutSeconds * 1000, () => this.body.end()));
    }
    if (request.query.get('allowWatchBookmarks') !== 'true') return;
    const again = (): void => {
      const cancel = clock.after(BOOKMARK_EVERY_MS, () => {
        this.bookmark();
        again();
      });
      this.#cancels.push(cancel);
    };
    again();
  }
}

/** To the client, an object that starts to match is added; one that stops matching is deleted, in its previous state. */
function asSeenBy(
  isSelected: Selection,
  { type, object, previous }: Change,
): Pick<Change, 'type' | 'object'> | undefined {
  const isNow = type !== 'DELETED' && isSelected(object);
  const wasBefore = previous !== undefined && isSelected(previous);
  if (isNow) return { type: wasBefore ? 'MODIFIED' : 'ADDED', object };
  if (!wasBefore) return undefined;
  const { resourceVersion } = object.metadata;
  return {
    type: 'DELETED',
    object: { ...previous, metadata: { ...previous.metadata, resourceVersion } },
  };
}
