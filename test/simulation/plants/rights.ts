/** Programs that give a namespace what is not for it, or judge by a configuration that is not in effect. */
import type { EngineParts } from '../../../src/controller/engine.ts';
import type { ProfileState, Settings } from '../../../src/domain/settings.ts';
import { type PlantedBugs, judgingBy } from './plant.ts';

export const RIGHTS_BUGS: PlantedBugs = {
  'writes a profile that is denied': {
    breaks: 'I5 only what is allowed',
    plant: judgingBy(({ profiles, ...settings }) => ({
      ...settings,
      profiles: new Map([...profiles].map(([name, state]) => [name, allowedToAll(state)])),
    })),
  },
  'settles by the settings of before the last reload': {
    breaks: 'I6',
    plant: (parts) => ({ ...parts, settings: outdated(parts) }),
  },
};

function allowedToAll(state: ProfileState): ProfileState {
  if (state.kind === 'faulty') return state;
  return { ...state, profile: { ...state.profile, allowedNamespaces: undefined } };
}

function outdated({ settings }: EngineParts): () => Settings {
  let [before, last] = [settings(), settings()];
  return () => {
    const now = settings();
    if (now !== last) [before, last] = [last, now];
    return before;
  };
}
