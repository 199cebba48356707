/**
 * Nobody gains time by changing a stamp: a process never grants more time than it has granted before. A stamp whose answer
 * was lost does not count: the process can't know that it was written.
 */
import type { ApiObject } from '../../../../simulator/objects/api-object.ts';
import type { Change } from '../history.ts';
import type { Facts } from '../model/facts.ts';
import { type HopRequest, requestKeyOf } from '../network/hop-request.ts';
import { type Rules, isDenied, standingOf } from '../model/policy.ts';
import { readSecret } from '../model/secret-facts.ts';
import { MOMENT_MS, type WriteContext } from './write-context.ts';

interface Granted {
  readonly dueMs: number;
  readonly atMs: number;
}

export class StampCheck {
  /** By process, namespace and profile: the earliest time that it has stamped. */
  readonly #granted = new Map<string, Granted>();
  /** By request: what counts when its answer arrives. */
  readonly #written = new Map<string, readonly (readonly [about: string, granted: Granted])[]>();

  /** To be called for each change of a Secret by a process whose term lasts and whose clock is right. */
  changed(
    { object, previous, key }: Change,
    { facts, known, hop, issued, report }: WriteContext,
  ): void {
    const namespace = facts.namespace(object.metadata.namespace ?? '').now;
    if (namespace === undefined) return;
    const before = previous === undefined ? undefined : readSecret(previous, issued).dueAt;
    const written: (readonly [string, Granted])[] = [];
    for (const [profile, dueMs] of readSecret(object, issued).dueAt) {
      if (Number.isNaN(dueMs) || before?.get(profile) === dueMs) continue;
      const about = `${hop.process} ${namespace.metadata.uid} ${profile}`;
      const granted = this.#grantedSince(about, leavingSinceMs(namespace, profile, facts));
      if (granted === undefined || dueMs <= granted.dueMs) {
        written.push([about, { dueMs, atMs: known.atMs }]);
      } else if (dueMs > granted.dueMs + MOMENT_MS) {
        const minutes = Math.round((dueMs - granted.dueMs) / 60_000);
        const what = `${key} got ${minutes} more minutes, because its stamp was changed`;
        report({ invariant: 'I5', check: 'no more time', what });
      }
    }
    if (written.length > 0) this.#written.set(requestKeyOf(hop), written);
  }

  /** The whole answer has arrived. */
  answered(hop: HopRequest): void {
    const key = requestKeyOf(hop);
    for (const [about, granted] of this.#written.get(key) ?? []) this.#granted.set(about, granted);
    this.#written.delete(key);
  }

  /** Not what was granted for another reason before. */
  #grantedSince(about: string, sinceMs: number | undefined): Granted | undefined {
    const granted = this.#granted.get(about);
    return sinceMs === undefined || (granted?.atMs ?? -Infinity) < sinceMs ? undefined : granted;
  }
}

/** Since when, without any break, there has been a reason to remove it; `undefined`: there is none. */
function leavingSinceMs(
  { metadata }: ApiObject,
  profile: string,
  facts: Facts,
): number | undefined {
  const isLeaving = (rules: Rules): boolean =>
    profile === ''
      ? ['out', 'excluded'].includes(standingOf(rules.namespace, rules.config))
      : isDenied(profile, rules);
  const [namespaces, configs] = [facts.namespace(metadata.name), facts.configs];
  const { now } = namespaces;
  if (now === undefined) return undefined;
  const ofState = namespaces.sinceWhen(
    (namespace) => namespace !== undefined && isLeaving({ namespace, config: configs.now }),
  );
  const ofConfig = configs.sinceWhen((config) => isLeaving({ namespace: now, config }));
  return ofState === undefined || ofConfig === undefined ? undefined : Math.max(ofState, ofConfig);
}
