/**
 * `npm run bench:neighbours`: what namespaces that hang, are huge or are refused cost the others. The built controller, two
 * replicas with the default budget, on a real control plane.
 */
import { parseArgs } from 'node:util';
import { type Figure, renderTable } from './figures.ts';
import { benchExpiry } from './neighbours/expiry.ts';
import { benchFailingWrites } from './neighbours/failing-writes.ts';
import { benchHanging } from './neighbours/hanging.ts';
import { benchManyAccounts } from './neighbours/many-accounts.ts';
import { benchRefusedWrites } from './neighbours/refused-writes.ts';
import type { NeighboursOptions } from './neighbours/two-replicas.ts';

const SCENARIOS: Readonly<
  Record<string, (options: NeighboursOptions) => Promise<readonly Figure[]>>
> = {
  hanging: benchHanging,
  accounts: benchManyAccounts,
  failing: benchFailingWrites,
  refused: benchRefusedWrites,
  expiry: benchExpiry,
};

const { values } = parseArgs({
  options: {
    only: { type: 'string', default: Object.keys(SCENARIOS).join() },
    minutes: { type: 'string', default: '10' },
    /** `200x10,1000x30`: namespaces, and seconds for which each of their writes hangs. */
    hanging: { type: 'string', default: '200x10,200x30,1000x10,1000x30' },
    program: { type: 'string' },
  },
});
const options: NeighboursOptions = {
  lastMs: Number(values.minutes) * 60_000,
  hanging: values.hanging.split(',').map((pair) => {
    const [namespaces, seconds] = pair.split('x').map(Number);
    return { namespaces: namespaces ?? 0, hangSeconds: seconds ?? 0 };
  }),
  program: values.program,
};
const figures: Figure[] = [];
for (const name of values.only.split(',')) {
  const scenario = SCENARIOS[name];
  if (scenario === undefined) throw new TypeError(`--only: there is no scenario ${name}`);
  figures.push(...(await scenario(options)));
}
console.log(renderTable(figures));
