/** `npm run bench`: measures the built controller on a real control plane and prints one table. */
import { cpus, totalmem } from 'node:os';
import { parseBenchOptions } from './bench-options.ts';
import { renderTable } from './figures.ts';
import { benchLargeAccounts } from './large-accounts.ts';
import { benchManyNamespaces } from './many-namespaces.ts';
import { benchNewNamespace } from './new-namespace.ts';
import { benchTwoPrograms } from './two-programs.ts';

const options = parseBenchOptions(process.argv.slice(2));
const { newcomers, namespaces, largeAccounts, nodeFlags, against } = options;
const figures =
  against === undefined
    ? [
        ...(newcomers > 0 ? await benchNewNamespace(options) : []),
        ...(namespaces > 0 ? await benchManyNamespaces(options) : []),
        ...(largeAccounts > 0 ? await benchLargeAccounts(options) : []),
      ]
    : await benchTwoPrograms(options, against);
const flags = nodeFlags.length === 0 ? 'no flags' : `flags ${nodeFlags.join(' ')}`;
const memoryGb = Math.round(totalmem() / 1e9);
console.log(`${new Date().toISOString().slice(0, 10)}, Node ${process.version}, ${flags}`);
console.log(`${cpus().length} CPUs (${cpus()[0]?.model ?? 'unknown'}), ${memoryGb} GB\n`);
console.log(renderTable(figures));
