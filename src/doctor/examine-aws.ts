/** Asks AWS with every identity of the healthy profiles, in parallel: one that fails does not affect the others. */
import type { AwsProbe } from '../aws/aws-probe.ts';
import type { Clock } from '../base/clock.ts';
import { inOrder, inParallel } from '../base/in-parallel.ts';
import type { Settings } from '../domain/settings.ts';
import { type Attempted, attemptWithin } from './attempted.ts';
import { checkIdentity, type IdentityFindings, type RegistryFindings } from './check-identity.ts';
import type { Check } from './check.ts';
import { checkClock } from './clock-skew.ts';
import { distinctIdentities, type UsedIdentity } from './distinct-identities.ts';
import type { RegistryToken } from '../domain/token/registry-token.ts';

interface Tools {
  readonly probe: AwsProbe;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/** AWS throttles GetAuthorizationToken per account. */
const PARALLELISM = { atOnce: 8 };
/** What a mint may take in `run`. */
const ANSWER_WITHIN_MS = 10_000;

/** Yields in the order of the file. Rejects only with the abort reason of `signal`. */
export async function* examineAws(
  profiles: Settings['profiles'],
  tools: Tools,
): AsyncGenerator<Check> {
  const { probe, clock, signal } = tools;
  for (const [name, state] of profiles) {
    if (state.kind === 'healthy') continue;
    const message = 'not checked: this profile has a fault, see the configuration above';
    yield { name: 'identity', subject: name, status: 'skipped', message };
  }
  const identities = distinctIdentities(profiles);
  const parallelism = { ...PARALLELISM, signal };
  for await (const found of inOrder(identities, parallelism, (used) => askWith(used, tools))) {
    signal.throwIfAborted();
    yield* checkIdentity(found, clock.now());
  }
  yield checkClock('AWS', probe.clockOffsetMs());
}

async function askWith(used: UsedIdentity, tools: Tools): Promise<IdentityFindings> {
  const { probe } = tools;
  const asked = await attemptWithin(ANSWER_WITHIN_MS, tools, (signal) =>
    probe.identify(used.identity, signal),
  );
  const caller =
    asked.kind === 'answered'
      ? asked.value
      : { kind: 'unknown' as const, reason: 'the request failed' };
  if (caller.kind === 'noCredentials') return { used, caller, token: undefined, registries: [] };
  const token = await attemptWithin(ANSWER_WITHIN_MS, tools, (signal) =>
    probe.mint(used.identity, signal),
  );
  return { used, caller, token, registries: await tryRegistries(used, token, tools) };
}

async function tryRegistries(
  { hosts, wantsOwn }: UsedIdentity,
  token: Attempted<RegistryToken>,
  tools: Tools,
): Promise<readonly RegistryFindings[]> {
  if (token.kind === 'failed') return [];
  const { value } = token;
  const all = [...new Set([...hosts, ...(wantsOwn ? [value.ownRegistry] : [])])];
  const ask = async (host: string): Promise<RegistryFindings> => {
    const asked = await attemptWithin(ANSWER_WITHIN_MS, tools, (signal) =>
      tools.probe.tryToken(host, value, signal),
    );
    const failed = { kind: 'unreachable' as const, reason: 'no response in time' };
    return { host, answer: asked.kind === 'answered' ? asked.value : failed };
  };
  return inParallel(all, PARALLELISM, ask);
}
