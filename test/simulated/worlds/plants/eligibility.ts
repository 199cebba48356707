/** Programs that give a namespace what it may not have, or decide by a configuration that is not in effect. */
import type { ControllerDependencies } from '../../../../src/controller/controller.ts';
import type { ObservedNamespace } from '../../../../src/domain/state/observed.ts';
import type { ProfileState, Settings } from '../../../../src/domain/settings.ts';
import { parseNamespaceAnnotations } from '../../../../src/domain/state/annotations.ts';
import { ENABLED, PROFILES } from '../model/policy.ts';
import { type PlantedBugs, judgingBy, seenThrough, waiting } from './plant.ts';

export const ELIGIBILITY_BUGS: PlantedBugs = {
  'writes the entry of a denied profile': {
    breaks: 'I5 only what is allowed',
    seed: 7,
    plant: judgingBy(({ profiles, ...settings }) => ({
      ...settings,
      profiles: new Map([...profiles].map(([name, state]) => [name, allowedToAll(state)])),
    })),
  },
  'writes a new profile for a frozen namespace': {
    breaks: 'I5 nothing new for the frozen',
    seed: 10,
    plant: (parts) => ({
      ...parts,
      cluster: seenThrough(parts.cluster, (namespace) => legible(namespace, parts.settings())),
    }),
  },
  'takes a namespace that it cannot read for one that asks for nothing': {
    breaks: 'I9',
    seed: 4,
    plant: (parts) => ({ ...parts, cluster: seenThrough(parts.cluster, asksForNothing) }),
  },
  'writes what it planned, even if it has been withdrawn since': {
    breaks: 'I5 only what is allowed',
    seed: 18,
    plant: ({ pullSecrets, clock, ...parts }) => ({
      ...parts,
      clock,
      pullSecrets: waiting(pullSecrets, clock, (namespace, content, existing, { signal }) =>
        pullSecrets.write(namespace, content, existing, { signal }),
      ),
    }),
  },
  'uses the settings from before the last reload': {
    breaks: 'I6',
    seed: 34,
    plant: (parts) => ({ ...parts, settings: outdated(parts) }),
  },
};

/** Its Secret would be removed. */
function asksForNothing(namespace: ObservedNamespace): ObservedNamespace {
  if (namespace.tooLarge !== true) return namespace;
  return { ...namespace, request: parseNamespaceAnnotations({}) };
}

/** Takes an `enabled` that can't be read for an opt-in, to every profile. */
function legible(namespace: ObservedNamespace, { profiles }: Settings): ObservedNamespace {
  const { request } = namespace;
  if (request.kind === 'valid' || !request.faults.join().includes(ENABLED)) return namespace;
  const annotations = { [ENABLED]: 'true', [PROFILES]: [...profiles.keys()].join() };
  return { ...namespace, request: parseNamespaceAnnotations(annotations) };
}

function allowedToAll(state: ProfileState): ProfileState {
  if (state.kind === 'faulty') return state;
  return { ...state, profile: { ...state.profile, allowedNamespaces: undefined } };
}

function outdated({ settings }: ControllerDependencies): () => Settings {
  let [before, last] = [settings(), settings()];
  return () => {
    const now = settings();
    if (now !== last) [before, last] = [last, now];
    return before;
  };
}
