/** What the doctor asks AWS, with the same parts that `run` mints with. */
import type { Identity } from '../domain/identity.ts';
import type { RegistryToken } from '../domain/token/registry-token.ts';
import type { AwsParts, AwsTimeouts } from './network/aws-connection.ts';
import { type CallerAnswer, readCallerIdentity } from './caller-identity.ts';
import { EcrTokenMinter } from './ecr-token-minter.ts';
import { factsOf } from './errors/error-facts.ts';
import { registryProbe } from './ecr/registry-probe.ts';
import { sdkConfigOf } from './network/sdk-config.ts';
import type { TokenApiParts } from './ecr/token-api.ts';

export type RegistryAnswer =
  | { readonly kind: 'status'; readonly status: number }
  /** `reason`: Node's own code, such as `ENOTFOUND`, or the name of an error. */
  | { readonly kind: 'unreachable'; readonly reason: string };

export interface AwsProbe {
  /** Never rejects. */
  identify(identity: Identity, signal: AbortSignal): Promise<CallerAnswer>;
  /** Throws a `ControllerError` that names the cause, with its fix. */
  mint(identity: Identity, signal: AbortSignal): Promise<RegistryToken>;
  /** Whether a registry accepts the token at `/v2/`. Never rejects. */
  tryToken(host: string, token: RegistryToken, signal: AbortSignal): Promise<RegistryAnswer>;
  /** How far AWS's clock is ahead of ours, in ms, by the answer that was furthest off. */
  clockOffsetMs(): number | undefined;
  close(): void;
}

type Parts = Omit<AwsParts, 'timeouts'>;

/** The same as for a mint. */
const TIMEOUTS: AwsTimeouts = { connectionMs: 2_000, requestMs: 5_000, credentialsMs: 2_000 };

const HALF_SECOND_MS = 500;

/** Connects to nothing yet. */
export function newAwsProbe(given: Parts): AwsProbe {
  let furthestMs: number | undefined;
  const parts: TokenApiParts = {
    ...given,
    timeouts: TIMEOUTS,
    clockOffset(measuredMs) {
      // The header has whole seconds, rounded down.
      const offsetMs = measuredMs + HALF_SECOND_MS;
      if (Math.abs(offsetMs) >= Math.abs(furthestMs ?? 0)) furthestMs = offsetMs;
    },
  };
  const minter = new EcrTokenMinter(parts);
  return {
    identify: (identity, signal) => readCallerIdentity(identity, parts, signal),
    // Without verification: `tryToken` tries every registry and reports each one.
    mint: (identity, signal) => minter.mint({ ...identity, verifyHosts: [] }, signal),
    tryToken: (host, token, signal) => tryToken(host, token, parts, signal),
    clockOffsetMs: () => furthestMs,
    close: () => minter.close(),
  };
}

async function tryToken(
  host: string,
  { identity, authorization }: RegistryToken,
  parts: AwsParts,
  signal: AbortSignal,
): Promise<RegistryAnswer> {
  const { requestHandler } = sdkConfigOf(identity.region, parts);
  const probe = registryProbe(requestHandler);
  try {
    const question = { host, service: identity.service, authorization };
    return { kind: 'status', status: await probe(question, signal) };
  } catch (error) {
    if (signal.aborted) return { kind: 'unreachable', reason: 'no response in time' };
    const { name, systemCode } = factsOf(error);
    return { kind: 'unreachable', reason: systemCode ?? name };
  } finally {
    requestHandler.destroy?.();
  }
}
