/** Planted bugs that the simulation must find: a check that finds nothing is worthless. */
import { CONTENT_BUGS } from './plants/content.ts';
import { MEMORY_BUGS } from './plants/memory.ts';
import { MINTING_BUGS } from './plants/minting.ts';
import { NEIGHBOUR_BUGS } from './plants/neighbours.ts';
import type { PlantedBugs } from './plants/plant.ts';
import { REMOVAL_BUGS } from './plants/removals.ts';
import { ELIGIBILITY_BUGS } from './plants/eligibility.ts';
import { WRITE_BUGS } from './plants/writes.ts';

export const PLANTED_BUGS: PlantedBugs = {
  ...WRITE_BUGS,
  ...CONTENT_BUGS,
  ...MINTING_BUGS,
  ...MEMORY_BUGS,
  ...ELIGIBILITY_BUGS,
  ...REMOVAL_BUGS,
  ...NEIGHBOUR_BUGS,
};
