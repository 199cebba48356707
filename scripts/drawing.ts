/** `npm run drawing`: renders the rooms into ARCHITECTURE.md after a change to scripts/rooms.ts. */
import { readFile, writeFile } from 'node:fs/promises';
import { format, resolveConfig } from 'prettier';
import { drawRooms } from './render-rooms.ts';
import { ROOMS } from './rooms.ts';

const PAGE = 'ARCHITECTURE.md';

const drawn = drawRooms(await readFile(PAGE, 'utf8'), ROOMS);
const options = { ...(await resolveConfig(PAGE)), parser: 'markdown' };
await writeFile(PAGE, await format(drawn, options));
