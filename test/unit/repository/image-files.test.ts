/** What the Dockerfile promises, as far as it shows without a build; test/image builds it. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';

const read = (path: string): string =>
  readFileSync(join(import.meta.dirname, '../../..', path), 'utf8');
const { version, description } = JSON.parse(read('package.json')) as {
  readonly version: string;
  readonly description: string;
};
const dockerfile = read('Dockerfile').replaceAll(/\\\n\s*/g, '');

/** The text after the instruction, once for each occurrence. */
function all(instruction: string): readonly string[] {
  const lines = [...dockerfile.matchAll(new RegExp(`^${instruction} (.+)$`, 'gm'))];
  return lines.map(([, rest = '']) => rest);
}

describe('the Dockerfile', () => {
  it('starts the program itself, not a shell, as a user with a number', () => {
    expect(all('ENTRYPOINT').map((form) => JSON.parse(form) as unknown)).toEqual([
      ['node', '--disable-sigusr1', '/app/main.mjs'],
    ]);
    expect(all('CMD').map((form) => JSON.parse(form) as unknown)).toEqual([['run']]);
    expect(all('USER')).toEqual(['65532:65532']);
  });

  it('takes its base images from build arguments', () => {
    expect(all('FROM')).toEqual([
      '--platform=$BUILDPLATFORM ${BUILD_IMAGE} AS build',
      '${RUNTIME_IMAGE}',
    ]);
    expect(all('ARG')).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/^BUILD_IMAGE=\S+node:24\S*$/),
        expect.stringMatching(/^RUNTIME_IMAGE=\S+\/nodejs24-\S+:nonroot\S*$/),
      ]),
    );
  });

  it('has the version and the description of package.json', () => {
    expect(all('ARG')).toContain(`VERSION=${version}`);
    expect(dockerfile).toContain(`image.description="${description}"`);
  });

  it('copies only what .dockerignore lets in, and all of it', () => {
    const [first = '', ...rules] = read('.dockerignore').trim().split('\n').slice(1);
    const allowed = rules.map((rule) => rule.replace(/^!/, ''));

    const copies = all('COPY').filter((copy) => !copy.startsWith('--from='));
    const sources = copies.flatMap((copy) => copy.split(' ').slice(0, -1));
    expect(first).toBe('*');
    expect(sources.sort()).toEqual(allowed.sort());
  });
});
