/** Programs that lose what they should remember. */
import type { PlantedBugs } from './plant.ts';

export const MEMORY_BUGS: PlantedBugs = {
  'loses every seventh wake-up': {
    breaks: 'I6',
    seed: 5,
    plant: (parts) => {
      let count = 0;
      const { changes } = parts;
      return {
        ...parts,
        changes: {
          untilSynced: () => changes.untilSynced(),
          listen: (notice) =>
            changes.listen((change) => {
              count += 1;
              if (count % 7 !== 0) notice(change);
            }),
        },
      };
    },
  },
};
