/** Searches for the canary of fake-aws.ts wherever a run of the product may have leaked it. */
import { holdsCanary } from '../suite/canary.ts';
import type { AdminClient } from '../control-plane/admin-client.ts';
import type { ControllerProcess } from '../process/controller-process.ts';
import { eventually } from '../suite/eventually.ts';

const PAGES = ['/metrics', '/readyz?verbose', '/livez?verbose'];

export interface Places {
  readonly admin: AdminClient;
  /** Running controllers: their pages are searched. */
  readonly running: readonly ControllerProcess[];
  /** Running or ended controllers: their output is searched. */
  readonly all: readonly ControllerProcess[];
}

/** The places that contain the canary, with the line; tests expect none. Throws an Error if a place is empty. */
export async function findCanary({ admin, running, all }: Places): Promise<readonly string[]> {
  // Events are written in the background.
  const events = await eventually({ what: 'Events to search', limitMs: 10_000 }, async () => {
    const listed = await admin.list('/api/v1/events');
    return listed.length > 0 && listed;
  });
  const pages = running.flatMap((controller) =>
    PAGES.map(async (path) => ({ place: path, text: (await controller.page(path)).body })),
  );
  const texts = [
    ...(await Promise.all(pages)),
    ...all.map(({ output }) => ({ place: 'output', text: output })),
    { place: 'Events', text: events.map((event) => JSON.stringify(event)).join('\n') },
  ];
  return texts.flatMap(({ place, text }) => {
    if (text === '') throw new Error(`searching for the canary: ${place} is empty`);
    const lines = text.split('\n').filter(holdsCanary);
    return lines.map((line) => `${place}: ${line}`);
  });
}
