/** Asks a registry whether it accepts a token, as a container runtime would: with one request to `/v2/`. */
import type { Identity } from '../../domain/identity.ts';
import type { SecretText } from '../../domain/secret-text.ts';
import type { SdkHandler, SdkRequest } from '../network/sdk-handler.ts';

/** Returns the status of the answer; rejects if there is none. */
export type RegistryProbe = (question: ProbeQuestion, signal: AbortSignal) => Promise<number>;

interface ProbeQuestion {
  readonly host: string;
  readonly service: Identity['service'];
  /** base64("AWS:" + password). */
  readonly authorization: SecretText;
}

/**
 * Uses the handler of the requests to AWS, so that proxy, certificates and timeouts are the same. Does not follow
 * redirects: only its own registry may receive a token. ECR Public accepts it as a bearer token, as AWS documents for
 * its HTTP API, and refuses it as a password.
 */
export function registryProbe(handler: Pick<SdkHandler, 'handle'>): RegistryProbe {
  return async ({ host, service, authorization }, signal) => {
    const scheme = service === 'ecr-public' ? 'Bearer' : 'Basic';
    const request = {
      method: 'GET',
      protocol: 'https:',
      hostname: host,
      path: '/v2/',
      query: {},
      headers: { host, authorization: `${scheme} ${authorization.reveal()}` },
      body: '',
    } as unknown as SdkRequest;
    const { response } = await handler.handle(request, { abortSignal: signal });
    return response.statusCode;
  };
}
