/** Reads at start how AWS is reached, and logs it: otherwise a proxy that is used by mistake is hard to find. */
import { readFile } from 'node:fs/promises';
import type { Log } from '../../base/log.ts';
import type { Environment } from './aws-connection.ts';
import { type AwsNetwork, readAwsNetwork } from './aws-network.ts';

/** Throws a `StalledError` for an unusable `HTTPS_PROXY`, `HTTP_PROXY` or `AWS_CA_BUNDLE`. */
export async function openAwsNetwork(environment: Environment, log: Log): Promise<AwsNetwork> {
  const network = await readAwsNetwork({
    environment,
    readText: (path) => readFile(path, 'utf8'),
    onCaTrouble: (cause) =>
      log.error({ cause }, 'file of AWS_CA_BUNDLE is unusable; its last content stays trusted'),
  });
  const { httpsProxy, httpProxy, caBundle } = network;
  const fields = {
    httpsProxy: httpsProxy?.address,
    httpProxy: httpProxy?.address,
    caBundle: caBundle?.path,
  };
  if (Object.values(fields).some((value) => value !== undefined)) {
    log.info(fields, 'aws is reached through a proxy or with a private ca');
  }
  return network;
}
