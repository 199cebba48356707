/**
 * A large cluster that many namespaces leave at once: only with far more than a hundred Secrets does a share of them
 * differ from a fixed number.
 */
import { MINUTE_MS } from '../../../support/values/builders.ts';
import type { Assembly } from '../assembly.ts';
import { TEAM } from '../model/config-model.ts';
import type { Story } from './fair-weather.ts';
import { ENABLED, PROFILES, SECRET_NAME } from '../model/policy.ts';
import { isBrakeOn, removalsIn } from '../world.ts';

const ASKED_AGAIN_MS = 11 * MINUTE_MS;

export class Exodus implements Story {
  readonly acts = 5;
  readonly #parts: Assembly;
  /** While a policy refuses removals: how to end it. */
  #endPolicy: (() => void) | undefined;

  constructor(parts: Assembly) {
    this.#parts = parts;
  }

  /** Most are opted in; some have no Secret, or a Secret that is not ours. */
  begin(): void {
    const { random, names, people } = this.#parts;
    for (const name of names) {
      people.do(`settle (${name})`, (kubectl) => {
        const isIn = random.chance(0.8);
        const isTeam = random.chance(0.4);
        const annotations = { [PROFILES]: isTeam ? 'default,team' : 'default' };
        const enabled = isIn ? { [ENABLED]: 'true' } : {};
        kubectl.createNamespace(
          name,
          { ...annotations, ...enabled },
          isTeam ? { [TEAM]: 'yes' } : {},
        );
        if (random.chance(0.1)) kubectl.createSecret(name, SECRET_NAME, { type: 'Opaque' });
      });
    }
  }

  act(): number {
    const { random, world } = this.#parts;
    const wasBraked = isBrakeOn(world);
    if (random.chance(0.4)) this.#changePolicy();
    if (isBrakeOn(world)) this.#relent();
    else this.#leave();
    // What the server did not refuse, it is asked for again after ten minutes.
    return wasBraked ? ASKED_AGAIN_MS : 0;
  }

  /** Begins to refuse removals in about as many namespaces as may leave at once, or a few more, or ends that. */
  #changePolicy(): void {
    const { random, world, refuseIn } = this.#parts;
    const { managed, limit } = removalsIn(world);
    const end = this.#endPolicy;
    this.#endPolicy = undefined;
    if (end !== undefined) return end();
    const count = Math.floor(limit) + random.below(4);
    const from = random.below(Math.max(1, managed.length - count));
    this.#endPolicy = refuseIn(managed.slice(from, from + count));
  }

  /** About as many as may be removed, or a few more. */
  #leave(): void {
    const { random, world, people, deployment, trace } = this.#parts;
    const way = random.pick(['opt out', 'say nothing', 'leave the team', 'are excluded'] as const);
    const { managed, pending, limit } = removalsIn(world);
    const staying = managed.filter(
      (name) => !pending.includes(name) && (way !== 'leave the team' || this.#isOfTeam(name)),
    );
    const count = Math.max(
      1,
      Math.floor(limit) - pending.length + random.pick([-1, 0, 0, 1, 1, 3]),
    );
    const from = random.below(Math.max(1, staying.length - count));
    const leavers = staying.slice(from, from + count);
    trace(() => `${leavers.length} ${way}: ${pending.length} pending, ${limit} may`);
    if (way === 'are excluded') {
      const exclude = [...world.config.exclude, ...leavers];
      return deployment.configure({ ...world.config, exclude });
    }
    for (const name of leavers) {
      people.do(`${way} (${name})`, (kubectl) => {
        const target = { kind: 'Namespace', name } as const;
        const metadata =
          way === 'leave the team'
            ? { labels: { [TEAM]: null } }
            : { annotations: { [ENABLED]: way === 'opt out' ? 'false' : null } };
        kubectl.patch(target, { metadata });
      });
    }
  }

  /** The namespaces come back, or the administrator allows the removals. */
  #relent(): void {
    const { random, world, people, deployment, trace } = this.#parts;
    const { managed, pending } = removalsIn(world);
    if (random.chance(0.5)) {
      trace(() => 'the limit is raised');
      const share = Math.ceil((100 * pending.length) / managed.length);
      return deployment.configure({ ...world.config, brake: `${share}%` });
    }
    trace(() => 'the namespaces come back');
    const exclude = world.config.exclude.filter((name) => !pending.includes(name));
    deployment.configure({ ...world.config, exclude });
    for (const name of pending) {
      people.do(`come back (${name})`, (kubectl) => {
        const target = { kind: 'Namespace', name } as const;
        kubectl.patch(target, { metadata: { labels: { [TEAM]: 'yes' } } });
        kubectl.annotate(target, { [ENABLED]: 'true' });
      });
    }
  }

  #isOfTeam(name: string): boolean {
    return this.#parts.facts.namespace(name).now?.metadata.labels?.[TEAM] === 'yes';
  }
}
