/** Tries a fresh token before anybody gets it: only a refusal by a registry makes it a bad one. */
import type { Clock } from '../../base/clock.ts';
import { withDeadline } from '../../base/deadline.ts';
import { StalledError } from '../../domain/errors.ts';
import type { Identity } from '../../domain/identity.ts';
import type { SecretText } from '../../domain/secret-text.ts';
import { factsOf } from '../errors/error-facts.ts';
import type { RegistryProbe } from './registry-probe.ts';

/** `reason`: for people, without any text from the registry. */
export type UnverifiedObserver = (registry: string, reason: string) => void;

/** How long one registry may take; all are asked at once. */
const LONGEST_PROBE_MS = 3_000;

export interface Verification {
  readonly identity: Identity;
  readonly authorization: SecretText;
  /** What is left of the mint's time; if nothing is left, no registry is asked. */
  readonly budgetMs: number;
}

interface Tools {
  readonly probe: RegistryProbe;
  readonly clock: Clock;
  /** Called for each registry that could not be asked. */
  readonly unverified?: UnverifiedObserver | undefined;
}

type Verdict =
  | { readonly kind: 'good' }
  | { readonly kind: 'refused'; readonly status: number }
  | { readonly kind: 'unknown'; readonly reason: string };

/**
 * Throws a `StalledError` (`ECR_TOKEN_REFUSED`) if a registry answers 401 or 403. A registry that can't be reached, or
 * answers anything else, is only reported: a mere test must not hold back a token that works.
 */
export async function verifyToken(
  { identity, authorization, budgetMs }: Verification,
  tools: Tools,
  signal: AbortSignal,
): Promise<void> {
  const { service, verifyHosts } = identity;
  const limitMs = Math.min(budgetMs, LONGEST_PROBE_MS);
  const verdicts = await Promise.all(
    verifyHosts.map(async (host) => ({
      host,
      verdict: await judge({ host, service, authorization }, { ...tools, limitMs }, signal),
    })),
  );
  for (const { host, verdict } of verdicts) {
    if (verdict.kind === 'unknown') tools.unverified?.(host, verdict.reason);
  }
  for (const { host, verdict } of verdicts) {
    if (verdict.kind === 'refused') throw refused(identity, host, verdict.status);
  }
}

async function judge(
  question: Parameters<RegistryProbe>[0],
  { probe, clock, limitMs }: Tools & { readonly limitMs: number },
  parent: AbortSignal,
): Promise<Verdict> {
  if (limitMs <= 0) return { kind: 'unknown', reason: 'no time was left' };
  try {
    const status = await withDeadline(clock, { limitMs, parent }, (signal) =>
      probe(question, signal),
    );
    if (status === 401 || status === 403) return { kind: 'refused', status };
    if (status >= 200 && status < 300) return { kind: 'good' };
    return { kind: 'unknown', reason: `it responded with HTTP ${status}` };
  } catch (error) {
    const { name, systemCode } = factsOf(error);
    return { kind: 'unknown', reason: `it can't be reached (${systemCode ?? name})` };
  }
}

function refused({ region }: Identity, host: string, status: number): StalledError {
  return new StalledError(
    `can't mint an ECR token in ${region}: registry ${host} refuses the fresh token (HTTP ${status})`,
    {
      code: 'ECR_TOKEN_REFUSED',
      eventReason: 'TokenRequestFailed',
      fix: "check that this registry exists, and that the policies of the VPC endpoint, and a proxy if there is one, allow the controller's role to use it; to hand out tokens without this test, set verify: false in the profile",
    },
  );
}
