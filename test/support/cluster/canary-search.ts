/** Looks for the canary of fake-aws.ts wherever a run of the product can have left it. */
import { holdsCanary } from '../suite/canary.ts';
import type { AdminClient } from '../control-plane/admin-client.ts';
import type { ControllerProcess } from '../process/controller-process.ts';
import { eventually } from '../suite/eventually.ts';

const PAGES = ['/metrics', '/readyz?verbose', '/livez?verbose'];

export interface Places {
  readonly admin: AdminClient;
  /** Running, for what they serve. */
  readonly running: readonly ControllerProcess[];
  /** Running or ended, for what they printed. */
  readonly all: readonly ControllerProcess[];
}

/** The places that hold it, with the line; none is what a test expects. Throws an Error where a place is empty. */
export async function findCanary({ admin, running, all }: Places): Promise<readonly string[]> {
  // They are written in the background.
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
    if (text === '') throw new Error(`looking for the canary: ${place} is empty`);
    const lines = text.split('\n').filter(holdsCanary);
    return lines.map((line) => `${place}: ${line}`);
  });
}
