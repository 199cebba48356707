/** The SDK's client for one region, with the default credential chain, one attempt and timeouts for everything. */
import { ECRClient } from '@aws-sdk/client-ecr';
import { fromNodeProviderChain } from '@aws-sdk/credential-providers';
import type { Clock } from '../controller/ports.ts';
import { CredentialsFailure } from './aws-errors.ts';
import { CredentialTrail } from './credential-trail.ts';

export interface AwsTimeouts {
  readonly connectionMs: number;
  /** Until the answer's head; its body is bounded by the caller's signal. */
  readonly requestMs: number;
  /** Of one call to the Pod Identity agent or the instance metadata. */
  readonly credentialsMs: number;
}

/**
 * `maxAttempts` holds for the nested STS client too, where the SDK would try three times: the token store's back-off is
 * the only retry. Where credentials can't be had, `send` rejects with a `CredentialsFailure`.
 */
export function newEcrClient(region: string, timeouts: AwsTimeouts, clock: Clock): ECRClient {
  const common = {
    region,
    maxAttempts: 1,
    requestHandler: {
      connectionTimeout: timeouts.connectionMs,
      requestTimeout: timeouts.requestMs,
      throwOnRequestTimeout: true,
      // A call in six hours finds no kept connection alive.
      httpAgent: { keepAlive: false },
      httpsAgent: { keepAlive: false },
    },
  };
  const trail = new CredentialTrail();
  const chain = fromNodeProviderChain({
    clientConfig: common,
    logger: trail,
    maxRetries: 0,
    timeout: timeouts.credentialsMs,
  });
  // The SDK waits for a silent Pod Identity agent for ever.
  const deadlineMs = timeouts.connectionMs + timeouts.requestMs;
  return new ECRClient({
    ...common,
    credentials: async (properties) => {
      try {
        return await withDeadline(chain(properties), deadlineMs, clock);
      } catch (error) {
        throw new CredentialsFailure(error, trail.lastProvider);
      }
    },
  });
}

function withDeadline<T>(promise: Promise<T>, deadlineMs: number, clock: Clock): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const cancel = clock.after(deadlineMs, () => {
      reject(Object.assign(new Error('no answer in time'), { name: 'TimeoutError' }));
    });
    promise.then(resolve, reject).finally(cancel);
  });
}
