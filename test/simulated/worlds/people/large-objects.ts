/** A tenant whose objects become too large to be read, and small again: in every fifth world. */
import type { VirtualClock } from '../../../../simulator/ground/virtual-clock.ts';
import { LARGE_LIST, SMALL_LIST, largeLabels } from '../model/large.ts';
import type { RandomStream } from '../random-stream.ts';
import { NAMESPACES, type People } from './people.ts';

interface Parts {
  readonly people: People;
  readonly time: VirtualClock;
  /** A stream of its own, so that all other worlds stay as they are. */
  readonly random: RandomStream;
}

const SHARE_OF_WORLDS = 0.2;
const EVERY_MS = 60_000;
const VALUE = 'v'.repeat(63);

export class LargeObjects {
  readonly #parts: Parts;
  readonly #isThere: boolean;
  /** How each large object becomes small again. */
  readonly #shrinks = new Map<string, () => void>();
  #isOver = false;

  constructor(parts: Parts) {
    this.#parts = parts;
    this.#isThere = parts.random.chance(SHARE_OF_WORLDS);
  }

  begin(): void {
    if (this.#isThere) this.#again();
  }

  /** About half of them stay large. */
  end(): void {
    this.#isOver = true;
    for (const shrink of this.#shrinks.values()) if (this.#parts.random.chance(0.5)) shrink();
  }

  #again(): void {
    const { time, random } = this.#parts;
    time.after(random.between(0, 2 * EVERY_MS), () => {
      if (this.#isOver) return;
      this.#act();
      this.#again();
    });
  }

  #act(): void {
    const { random } = this.#parts;
    const namespace = random.pick(NAMESPACES);
    const shrink = random.pick([...this.#shrinks.values()]);
    if (shrink !== undefined && random.chance(0.4)) shrink();
    else if (random.chance(0.6)) this.#growAccount(namespace, random.pick(['default', 'app']));
    else this.#growNamespace(namespace);
  }

  #growAccount(namespace: string, name: string): void {
    const target = { kind: 'ServiceAccount', namespace, name } as const;
    const { people } = this.#parts;
    people.do(`grow account (${namespace}/${name})`, (kubectl) =>
      kubectl.patch(target, LARGE_LIST),
    );
    this.#shrinks.set(`${namespace}/${name}`, () => {
      this.#shrinks.delete(`${namespace}/${name}`);
      people.do(`shrink account (${namespace}/${name})`, (kubectl) =>
        kubectl.patch(target, SMALL_LIST),
      );
    });
  }

  #growNamespace(name: string): void {
    const target = { kind: 'Namespace', name } as const;
    const { people } = this.#parts;
    people.do(`grow namespace (${name})`, (kubectl) => kubectl.patch(target, largeLabels(VALUE)));
    this.#shrinks.set(name, () => {
      this.#shrinks.delete(name);
      people.do(`shrink namespace (${name})`, (kubectl) =>
        kubectl.patch(target, largeLabels(null)),
      );
    });
  }
}
