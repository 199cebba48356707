/** Reads and writes kubeconfig files. They are JSON, which every YAML parser accepts. */
import { readFile, writeFile } from 'node:fs/promises';

export interface KubeconfigContent {
  readonly server: string;
  readonly caFile: string;
  /** The token is in a separate file, like a mounted ServiceAccount token. */
  readonly tokenFile: string;
}

export async function writeKubeconfig(path: string, content: KubeconfigContent): Promise<void> {
  const cluster = { server: content.server, 'certificate-authority': content.caFile };
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'test', cluster }],
    users: [{ name: 'test', user: { tokenFile: content.tokenFile } }],
    contexts: [{ name: 'test', context: { cluster: 'test', user: 'test' } }],
    'current-context': 'test',
  };
  await writeFile(path, JSON.stringify(config, null, 2), { mode: 0o600 });
}

/** Reads one that `writeKubeconfig` wrote; no other. */
export async function readKubeconfig(path: string): Promise<KubeconfigContent> {
  const { clusters, users } = JSON.parse(await readFile(path, 'utf8')) as {
    clusters: [{ cluster: { server: string; 'certificate-authority': string } }];
    users: [{ user: { tokenFile: string } }];
  };
  const { server, 'certificate-authority': caFile } = clusters[0].cluster;
  return { server, caFile, tokenFile: users[0].user.tokenFile };
}
