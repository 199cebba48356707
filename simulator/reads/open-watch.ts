/** One watch that a client has open: frames out, bookmarks and the end by the clock, and a test's hands on it. */
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

/** What a watch keeps back: nothing, events but not bookmarks, or everything. */
export type Silence = 'none' | 'events' | 'all';

/** What a fault makes of a watch. */
export interface WatchFaults {
  readonly silence: Silence;
  /** Every frame comes so much later. */
  readonly frameDelayMs: number;
  /** A watch from now starts at this older version. */
  readonly startRevision: number | undefined;
}

interface OpenWatchParts {
  readonly request: ApiRequest;
  readonly clock: Clock;
  readonly shape: StreamShape;
  readonly isSelected: Selection;
  readonly faults: WatchFaults;
  /** Changes up to this version are known to the client. */
  readonly since: number;
  /** The version that a bookmark may name now. */
  readonly currentRevision: () => number;
  readonly onClose: (watch: OpenWatch) => void;
}

export class OpenWatch {
  readonly request: ApiRequest;
  readonly body: ByteStream;
  readonly #parts: OpenWatchParts;
  readonly #cancels: (() => void)[] = [];
  #silence: Silence;
  /** A table's columns are told with its first row. */
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

  /** Tells the client of a change that its selection covers. */
  tell(change: Change): void {
    const { kind, metadataOnly } = this.request;
    if (change.resource !== kind.resource || this.#silence !== 'none') return;
    if (change.revision <= this.#parts.since) return;
    const seen = asSeenBy(this.#parts.isSelected, change);
    if (seen !== undefined) this.#frame(seen.type, renderObject(seen.object, metadataOnly));
  }

  tellInitial(object: ApiObject): void {
    if (this.#silence !== 'none') return;
    this.#frame('ADDED', renderObject(object, this.request.metadataOnly));
  }

  /** With events withheld a server still believes itself up to date: its bookmarks lie. */
  bookmark(): void {
    this.#bookmark(this.#parts.currentRevision(), false);
  }

  bookmarkEndOfInitialEvents(revision: number): void {
    this.#bookmark(revision, true);
  }

  /** Sends the failure as an ERROR frame and ends. */
  refuse(failure: ApiFailure): void {
    this.#write('ERROR', failure.status());
    this.body.end();
  }

  /** From now on nothing comes, not even bookmarks; the connection stays. */
  silence(): void {
    this.#silence = 'all';
  }

  /** From now on bookmarks come, events don't. */
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

/** An object that begins to match is new to the client, and one that no longer does is gone, as it was before. */
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
