/** The files that ARCHITECTURE.md and CONTRIBUTING.md lead to exist, and so do the routes that they describe. */
import { describe, expect, it } from '@jest/globals';
import { existsSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { arrowsOf, drawRooms } from '../../../scripts/render-rooms.ts';
import { ROOMS } from '../../../scripts/rooms.ts';

const ROOT = join(import.meta.dirname, '../../..');
const LOOP = 'src/controller/pass/reconcile.ts';
const SEVEN = 7;
const page = read('ARCHITECTURE.md');
const route = [...page.matchAll(/^\d+\. `(src\/[^`]+)`: /gm)].map(([, file = '']) => file);

describe('the route to the loop', () => {
  it('begins at main and ends at the plan, in at most seven hops to the loop', () => {
    expect([route[0], route.at(-1)]).toEqual(['src/main.ts', 'src/domain/plan/plan.ts']);
    expect(route).toContain(LOOP);
    expect(route.indexOf(LOOP)).toBeLessThanOrEqual(SEVEN);
  });

  it.each(route.slice(1).map((next, index) => [route[index] ?? '', next]))(
    'leads from %s to %s by an import',
    (file, next) => {
      const path = posix.relative(posix.dirname(file), next);

      expect(read(file)).toContain(`from '${path.startsWith('.') ? path : `./${path}`}'`);
    },
  );
});

describe('the drawing of the rooms', () => {
  it('is the one that npm run drawing makes', () => {
    expect(cells(page)).toEqual(cells(drawRooms(page, ROOMS)));
  });

  it('has no arrow that follows from others', () => {
    const room = (...imports: readonly string[]) => ({ holds: '', imports });
    const rooms = {
      'src/base': room(),
      'src/domain': room('src/base'),
      'src/domain/plan': room('src/domain'),
      'src/app': room('src/base', 'src/domain', 'src/domain/plan'),
      src: room('src/app'),
    };

    expect(arrowsOf(rooms)).toEqual([
      ['domain', 'base'],
      ['app', 'domain'],
      ['main', 'app'],
    ]);
  });
});

describe('the places to add something', () => {
  const rows = read('CONTRIBUTING.md')
    .split('## Where would I add')[1]
    ?.split('\n## ')[0]
    ?.split('\n')
    .filter((line) => /^\| an? /.test(line));
  const places = (rows ?? []).flatMap((row) =>
    [...row.matchAll(/`([^`]+)`/g)].map(([, path = '']) => path),
  );

  it('are three for each of six things', () => {
    expect([rows?.length, places.length]).toEqual([6, 18]);
  });

  it.each(places)('exist: %s', (path) => {
    expect(existsSync(join(ROOT, path))).toBe(true);
  });
});

/** Without the spaces that only align. */
function cells(text: string): string {
  return text.replaceAll(/ *\| */g, '|').replaceAll(/-{3,}/g, '---');
}

function read(file: string): string {
  return readFileSync(join(ROOT, file), 'utf8');
}
