/** The namespace that this program runs in, as the kubelet tells every Pod. */
import { readFile } from 'node:fs/promises';
import { StalledError } from '../../domain/errors.ts';

const NAMESPACE_FILE = '/var/run/secrets/kubernetes.io/serviceaccount/namespace';

/** `root` stands before the file's path. Throws a `StalledError` where there is none. */
export async function readOwnNamespace(root = ''): Promise<string> {
  const text = await readFile(`${root}${NAMESPACE_FILE}`, 'utf8').catch(() => '');
  const namespace = text.trim();
  if (namespace !== '') return namespace;
  throw new StalledError('finding the namespace of the lease: there are no service-account files', {
    code: 'NAMESPACE_UNKNOWN',
    fix: 'name it with --namespace, or run one replica with --leader-elect false',
  });
}
