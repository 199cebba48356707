/** What the network does to one request, drawn when it leaves its process. */
import { type HopRequest, followedBy } from '../network/hop-request.ts';
import type { RandomStream } from '../random-stream.ts';
import type { Weather } from './weather.ts';

type Happening =
  | { readonly kind: 'served' }
  | { readonly kind: 'refused' }
  /** Never arrives. */
  | { readonly kind: 'lost' }
  /** The server acts, and its answer never arrives. */
  | { readonly kind: 'answerLost'; readonly isReset: boolean }
  /** The connection breaks after this share of the body. */
  | { readonly kind: 'cutBody'; readonly share: number }
  /** Something else answers instead of the server. */
  | {
      readonly kind: 'answer';
      readonly status: number;
      readonly headers: Readonly<Record<string, string>>;
      readonly body: unknown;
    }
  /** The server answers from an earlier state: at this share of what it may still know. */
  | { readonly kind: 'stale'; readonly atLeast: number; readonly share: number };

/** `delayMs` to the server, `backMs` from there. */
export type Fate = Happening & { readonly delayMs: number; readonly backMs: number };

export function fateOf(hop: HopRequest, weather: Weather, random: RandomStream): Fate {
  const isSlow = weather.has('slow', hop.process);
  const [delayMs, backMs] = [latencyMs(random, isSlow), latencyMs(random, isSlow)];
  return { delayMs, backMs, ...happeningTo(hop, weather, random) };
}

function happeningTo(hop: HopRequest, weather: Weather, random: RandomStream): Happening {
  const has = (kind: Parameters<Weather['has']>[0]): boolean => weather.has(kind, hop.process);
  if (has('blackhole')) return { kind: 'lost' };
  if (has('down')) return { kind: 'refused' };
  if (has('errors') && random.chance(0.5)) return refusal(random);
  const loss = has('lossy') ? lossOf(random) : undefined;
  if (loss !== undefined) return loss;
  return denialOf(hop, weather, random) ?? stalenessOf(hop, weather, random) ?? { kind: 'served' };
}

function denialOf(hop: HopRequest, weather: Weather, random: RandomStream): Happening | undefined {
  if (isRefused(hop, weather)) return answered(403, 'Forbidden');
  const isConflicting = weather.has('conflicts', hop.process) && hop.method === 'PATCH';
  return isConflicting && random.chance(0.34) ? answered(409, 'Conflict') : undefined;
}

/** A policy judges dry runs, too. */
function isRefused({ method, path, process }: HopRequest, weather: Weather): boolean {
  const [, namespace, resource] =
    /^\/api\/v1\/namespaces\/([^/]+)\/(secrets|serviceaccounts)\//.exec(path) ?? [];
  const verb = resource === 'secrets' ? 'DELETE' : 'PATCH';
  return resource !== undefined && method === verb && weather.has('refusing', process, namespace);
}

/** A list from the watch cache may be stale; a list without a version is answered from etcd. */
function stalenessOf(
  hop: HopRequest,
  weather: Weather,
  random: RandomStream,
): Happening | undefined {
  if (!weather.has('stale', hop.process)) return undefined;
  const atLeast = /(?:^|&)resourceVersion=(\d+)/.exec(hop.query)?.[1];
  if (hop.isWatch || followedBy(hop) === undefined || atLeast === undefined) return undefined;
  return { kind: 'stale', atLeast: Number(atLeast), share: random.next() };
}

function lossOf(random: RandomStream): Happening | undefined {
  const roll = random.next();
  if (roll < 0.1) return { kind: 'refused' };
  if (roll < 0.2) return { kind: 'lost' };
  if (roll < 0.4) return { kind: 'answerLost', isReset: random.chance(0.6) };
  return roll < 0.5 ? { kind: 'cutBody', share: random.next() } : undefined;
}

/** About a millisecond; now and then long enough for everything to be overtaken. */
function latencyMs(random: RandomStream, isSlow: boolean): number {
  if (isSlow) return random.between(500, 8_000);
  const roll = random.next();
  if (roll < 0.85) return random.between(0.2, 4);
  return roll < 0.97 ? random.between(4, 200) : random.between(200, 3_000);
}

function refusal(random: RandomStream): Happening {
  const status = random.pick([429, 500, 503, 504]);
  const isThrottling = status === 429 || status === 503;
  return answered(
    status,
    'InternalError',
    isThrottling ? { 'retry-after': String(1 + random.below(20)) } : {},
  );
}

function answered(
  status: number,
  reason: string,
  headers: Readonly<Record<string, string>> = {},
): Happening {
  const about = { code: status, reason, message: 'refused by the simulation' };
  return {
    kind: 'answer',
    status,
    headers: { 'content-type': 'application/json', ...headers },
    body: { kind: 'Status', apiVersion: 'v1', status: 'Failure', ...about },
  };
}
