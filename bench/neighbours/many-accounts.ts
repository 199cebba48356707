/** Namespaces with hundreds or thousands of ServiceAccounts opt in, beside new namespaces. */
import { performance } from 'node:perf_hooks';
import { inParallel } from '../../src/base/in-parallel.ts';
import { referencesOf } from '../../test/support/cluster/opted-in.ts';
import { eventually } from '../../test/support/suite/eventually.ts';
import { namesOf, PULL_SECRET } from '../bench-names.ts';
import { type Figure, plain } from '../figures.ts';
import { type NeighboursOptions, TwoReplicas, waitFigure } from './two-replicas.ts';

const SAMPLES = 10;
const AT_ONCE = 32;

export async function benchManyAccounts(options: NeighboursOptions): Promise<readonly Figure[]> {
  return [...(await benchOne(options, 16, 300)), ...(await benchOne(options, 1, 5000))];
}

async function benchOne(
  options: NeighboursOptions,
  namespaces: number,
  accounts: number,
): Promise<readonly Figure[]> {
  const about = await TwoReplicas.start(options);
  const huge = namesOf('huge', namespaces);
  const { admin } = about.cluster.rig;
  const isAttached = async (name: string): Promise<boolean> => {
    const all = await admin.list(`/api/v1/namespaces/${name}/serviceaccounts`);
    return all.every((account) => referencesOf(account).includes(PULL_SECRET));
  };
  try {
    await about.cluster.createNamespaces(huge, 'other');
    const all = huge.flatMap((name) => namesOf('account', accounts).map((one) => [name, one]));
    await inParallel(all, { atOnce: AT_ONCE }, async ([namespace, name]) => {
      await admin.create(`/api/v1/namespaces/${namespace}/serviceaccounts`, { metadata: { name } });
    });
    await about.optIn(huge);
    const startedAt = performance.now();
    const newcomers = await about.newcomers(namesOf('new', SAMPLES));
    const what = 'every ServiceAccount to be attached';
    await eventually({ what, limitMs: 300_000, everyMs: 1000 }, async () =>
      (await Promise.all(huge.map(isAttached))).every(Boolean),
    );
    const seconds = (performance.now() - startedAt) / 1000;
    return [
      plain(`${namespaces} × ${accounts} ServiceAccounts: all attached after`, seconds, 's'),
      waitFigure('new namespace meanwhile', newcomers),
    ];
  } finally {
    await about.close();
  }
}
