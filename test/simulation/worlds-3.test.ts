/** Whole worlds on one virtual clock and one seeded scheduler. `npm run fuzz` runs as many as you like. */
import { describeWorlds, SEEDS } from './describe-worlds.ts';

describeWorlds(1 + 2 * SEEDS);
