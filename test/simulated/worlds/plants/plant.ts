/** A planted bug, inserted at a seam between the controller and its parts, and the violation that it must cause. */
import type { Clock } from '../../../../src/base/clock.ts';
import type { ControllerDependencies } from '../../../../src/controller/controller.ts';
import type { ClusterView } from '../../../../src/controller/ports/cluster-view.ts';
import type { PullSecrets } from '../../../../src/controller/ports/cluster-writes.ts';
import type { ObservedNamespace } from '../../../../src/domain/state/observed.ts';
import type { Settings } from '../../../../src/domain/settings.ts';

export type Plant = (parts: ControllerDependencies) => ControllerDependencies;

export interface PlantedBug {
  readonly plant: Plant;
  /** The invariant of DESIGN.md, with the name of the check if no other check of that invariant counts. */
  readonly breaks: string;
  /**
   * Where a slow one was last found: tried first, only to save time. If the program has changed since, the search
   * starts at 1 as for all others, and the test prints the seed to put here.
   */
  readonly seed?: number;
}

/** By what the program does wrong. */
export type PlantedBugs = Readonly<Record<string, PlantedBug>>;

/** Uses other settings than the file's: `see` is called once per configuration. */
export function judgingBy(see: (settings: Settings) => Settings): Plant {
  return (parts) => {
    const seen = new WeakMap<Settings, Settings>();
    return {
      ...parts,
      settings: () => {
        const real = parts.settings();
        const known = seen.get(real) ?? see(real);
        seen.set(real, known);
        return known;
      },
    };
  };
}

export function seenThrough(
  cluster: ClusterView,
  see: (namespace: ObservedNamespace) => ObservedNamespace,
): ClusterView {
  return {
    observe: (name) => {
      const observed = cluster.observe(name);
      return observed === undefined ? undefined : see(observed);
    },
    pullSecretIn: (name) => cluster.pullSecretIn(name),
    namespaces: () => cluster.namespaces(),
    pullSecrets: () => cluster.pullSecrets(),
  };
}

/** Every third write waits for its turn, and is then sent by `send`. */
export function waiting(real: PullSecrets, clock: Clock, send: PullSecrets['write']): PullSecrets {
  let count = 0;
  return {
    ...besides(real),
    write: async (...write) => {
      count += 1;
      if (count % 3 !== 0) return real.write(...write);
      await new Promise<void>((resolve) => {
        clock.after(60_000, resolve);
      });
      return send(...write);
    },
  };
}

/** The other methods, unchanged. */
export function besides(real: PullSecrets): Omit<PullSecrets, 'write'> {
  return bound(real, 'readBack', 'annotate', 'delete');
}

/** Those methods of an object with private fields, to be combined with others. */
export function bound<T extends object, K extends keyof T>(
  object: T,
  ...names: readonly K[]
): Pick<T, K> {
  const methods = names.map((name) => {
    const method = object[name];
    return [name, typeof method === 'function' ? method.bind(object) : method];
  });
  return Object.fromEntries(methods) as Pick<T, K>;
}
