/** Renders the rooms of scripts/rooms.ts for ARCHITECTURE.md: arrows between the top folders, and a table of all rooms. */
import { posix } from 'node:path';
import type { Room } from './rooms.ts';

type Rooms = Readonly<Record<string, Room>>;

const BEGIN = '<!-- rooms: npm run drawing -->';
const END = '<!-- end of rooms -->';

/** Returns `page` with everything between the two markers replaced. Throws an Error if a marker is missing. */
export function drawRooms(page: string, rooms: Rooms): string {
  const [begin, end] = [page.indexOf(BEGIN), page.indexOf(END)];
  if (begin < 0 || end < begin) throw new Error(`drawing the rooms: no ${BEGIN} … ${END}`);
  const drawing = `${renderArrows(rooms)}\n\n${renderTable(rooms)}`;
  return `${page.slice(0, begin + BEGIN.length)}\n\n${drawing}\n\n${page.slice(end)}`;
}

/** Omits arrows that others imply: to a folder that can be reached by a longer path. */
export function arrowsOf(rooms: Rooms): readonly (readonly [from: string, to: string])[] {
  const below = new Map<string, Set<string>>();
  for (const [name, { imports }] of Object.entries(rooms)) {
    const from = folderOf(name);
    const targets = below.get(from) ?? new Set();
    below.set(from, targets);
    for (const target of imports) if (folderOf(target) !== from) targets.add(folderOf(target));
  }
  const reaches = (from: string, to: string): boolean =>
    from === to || [...(below.get(from) ?? [])].some((next) => reaches(next, to));
  return [...below].flatMap(([from, targets]) =>
    [...targets]
      .filter((to) => ![...targets].some((other) => other !== to && reaches(other, to)))
      .map((to) => [from, to] as const),
  );
}

function renderArrows(rooms: Rooms): string {
  const lines = arrowsOf(rooms)
    .toReversed()
    .map(([from, to]) => `  ${from} --> ${to}`);
  return ['```mermaid', 'flowchart TD', ...lines, '```'].join('\n');
}

function renderTable(rooms: Rooms): string {
  const rows = Object.entries(rooms)
    .toReversed()
    .map(([name, { holds, imports }]) => {
      const ladder = imports
        .filter((target) => folderOf(target) === folderOf(name))
        .map((target) => `\`${posix.basename(target)}\``);
      return `| \`${name}\` | ${holds} | ${ladder.join(', ')} |`;
    });
  return ['| room | holds | imports of its own folder |', '| --- | --- | --- |', ...rows].join(
    '\n',
  );
}

/** The top folder of a room or a file; `src` itself is named after its only file. */
function folderOf(path: string): string {
  if (path === 'src') return 'main';
  const [top = '', second] = path.split('/');
  return top === 'src' && second !== undefined ? second : top;
}
