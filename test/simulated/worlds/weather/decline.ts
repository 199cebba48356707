/**
 * A small cluster that loses its profiles one by one, while its tokens live only for a few minutes: what is left must
 * stay. Now and then a namespace can't be read, and names other profiles than its Secret has.
 */
import { MINUTE_MS } from '../../../support/values/builders.ts';
import type { Assembly } from '../assembly.ts';
import { type ConfigModel, TEAM } from '../model/config-model.ts';
import type { Story } from './fair-weather.ts';
import { ENABLED, PROFILES } from '../model/policy.ts';

const LISTS = [
  'default,team',
  'team,vault',
  'vault,default',
  'default,team,vault',
  'team',
] as const;
const ACTS = ['go', 'go', 'leave', 'live', 'drop', 'drop', 'freeze', 'request', 'return'] as const;
const LIFE_MS = 12 * MINUTE_MS;

export class Decline implements Story {
  readonly acts = 7;
  readonly #parts: Assembly;
  readonly #first: ConfigModel;

  constructor(parts: Assembly) {
    this.#parts = parts;
    this.#first = parts.facts.configs.now;
    parts.ecr.lifeMs = LIFE_MS;
  }

  begin(): void {
    const { random, people, names } = this.#parts;
    for (const name of names) {
      const annotations = { [ENABLED]: 'true', [PROFILES]: random.pick(LISTS) };
      people.do(`settle (${name})`, (kubectl) => {
        kubectl.createNamespace(name, annotations, { [TEAM]: 'yes' });
      });
    }
  }

  act(): number {
    const { random, deployment, people } = this.#parts;
    const { namespaces } = people;
    switch (random.pick(ACTS)) {
      case 'go':
        deployment.takeProfileAway();
        if (random.chance(0.5)) deployment.takeProfileAway();
        return random.chance(0.5) ? LIFE_MS : 0;
      case 'leave':
        people.everywhere('leave the team', namespaces.leaveTeam);
        return 0;
      case 'live':
        return LIFE_MS;
      case 'drop':
        people.everywhere('take a profile off the list', namespaces.dropProfile, 0.5);
        return 0;
      case 'freeze':
        people.everywhere('annotate badly', namespaces.annotateBadly, 0.5);
        return 0;
      case 'request':
        people.everywhere('request a refresh', namespaces.request);
        return 0;
      case 'return':
        people.everywhere('fix annotations', namespaces.fix, 0.5);
        deployment.configure(this.#first);
        return 0;
    }
  }
}
