/** Deletes the namespaces of a run on a real cluster. Retries until they are gone: nobody else would delete them. */
import type { ApiServerConnection } from '../../src/kubernetes/wire/wire.ts';
import { renderError } from '../../src/domain/errors.ts';
import { ClusterClient } from './cluster-client.ts';
import { namespacePath } from './observe.ts';
import { until } from './story-time.ts';

const UNTIL_GONE_MS = 60_000;

/** Opens its own connections: those of the story may be closed by now. Throws an Error that names what is left. */
export async function throwAway(
  apiServer: ApiServerConnection,
  namespaces: readonly string[],
  limitMs = UNTIL_GONE_MS,
): Promise<void> {
  const cluster = new ClusterClient(apiServer.openWire());
  let left = namespaces;
  let cause = '';
  const removeOne = async (name: string): Promise<boolean> => {
    try {
      const found = await cluster.find(namespacePath(name));
      if (found === undefined) return true;
      if (found.metadata.deletionTimestamp === undefined) await cluster.delete(namespacePath(name));
    } catch (error) {
      cause = ` (${renderError(error)})`;
    }
    return false;
  };
  const removeAll = async (): Promise<boolean> => {
    const gone = await Promise.all(left.map(removeOne));
    left = left.filter((_, index) => gone[index] !== true);
    return left.length === 0;
  };
  try {
    await until('their deletion', removeAll, limitMs);
  } catch {
    const names = left.join(' ');
    throw new Error(`not deleted yet${cause}: kubectl delete namespace ${names}`);
  } finally {
    await cluster.close();
  }
}
