/** The namespace that this program runs in, from the file that the kubelet mounts into every Pod. */
import { readFile } from 'node:fs/promises';
import { StalledError } from '../../domain/errors.ts';

const NAMESPACE_FILE = '/var/run/secrets/kubernetes.io/serviceaccount/namespace';

/** `root` is a prefix for the file's path. Throws a `StalledError` if there is no such file. */
export async function readOwnNamespace(root = ''): Promise<string> {
  const text = await readFile(`${root}${NAMESPACE_FILE}`, 'utf8').catch(() => '');
  const namespace = text.trim();
  if (namespace !== '') return namespace;
  throw new StalledError('finding the namespace of the lease: there are no service-account files', {
    code: 'NAMESPACE_UNKNOWN',
    fix: 'pass --namespace, or run one replica with --leader-elect false',
  });
}
