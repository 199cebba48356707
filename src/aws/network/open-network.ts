/** Reads at start how AWS is reached, and tells it: a proxy that is used by mistake is hard to find otherwise. */
import { readFile } from 'node:fs/promises';
import type { Log } from '../../base/log.ts';
import type { Environment } from './aws-connection.ts';
import { type AwsNetwork, readAwsNetwork } from './aws-network.ts';

/** Throws a `StalledError` for what can't be used: `HTTPS_PROXY`, `HTTP_PROXY`, `AWS_CA_BUNDLE`. */
export async function openAwsNetwork(environment: Environment, log: Log): Promise<AwsNetwork> {
  const network = await readAwsNetwork({
    environment,
    readText: (path) => readFile(path, 'utf8'),
    onCaTrouble: (problem) =>
      log.error(
        { problem },
        'file of AWS_CA_BUNDLE can not be used; its last content stays trusted',
      ),
  });
  const { httpsProxy, httpProxy, caBundle } = network;
  const fields = {
    httpsProxy: httpsProxy?.address,
    httpProxy: httpProxy?.address,
    caBundle: caBundle?.path,
  };
  if (Object.values(fields).some((value) => value !== undefined)) {
    log.info(fields, 'aws is reached by proxy or with a ca of its own');
  }
  return network;
}
