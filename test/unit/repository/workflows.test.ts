/** What runs with permissions on the repository and the registry is pinned and has no more permissions than it needs. */
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';

interface Step {
  readonly uses?: string;
  readonly run?: string;
  readonly with?: Readonly<Record<string, unknown>>;
}

interface Job {
  readonly permissions?: Readonly<Record<string, string>>;
  readonly uses?: string;
  readonly steps?: readonly Step[];
  readonly 'timeout-minutes'?: number;
}

interface Workflow {
  readonly permissions?: unknown;
  readonly jobs: Readonly<Record<string, Job>>;
}

const DIRECTORY = join(import.meta.dirname, '../../../.github/workflows');
const PUBLISHES = ['attestations', 'id-token', 'packages'];
/** Every write permission that any job has. */
const WRITES: Readonly<Record<string, readonly string[]>> = {
  'release.yaml image': PUBLISHES,
  'release.yaml chart': PUBLISHES,
  'release.yaml mirror': ['id-token'],
  'release.yaml release': ['contents'],
  'scorecard.yaml scorecard': ['id-token'],
};

describe.each(readdirSync(DIRECTORY))('the workflow %s', (file) => {
  const text = readFileSync(join(DIRECTORY, file), 'utf8');
  const workflow = parse(text) as Workflow;
  const jobs = Object.entries(workflow.jobs);
  const steps = jobs.flatMap(([, job]) => job.steps ?? []);

  it('pins every action to a commit, with its version next to it', () => {
    const uses = [...text.matchAll(/^\s*(?:- )?uses: (.+)$/gm)].map(([, what = '']) => what);

    expect(uses.length).toBeGreaterThan(0);
    const remote = uses.filter((what) => !what.startsWith('./'));
    const pinned = /^[\w.-]+\/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/;
    expect(remote.filter((what) => !pinned.test(what))).toEqual([]);
  });

  it('has no permissions except those of its jobs, and only the known ones may write', () => {
    expect(workflow.permissions).toEqual({});
    for (const [name, { permissions }] of jobs) {
      const writes = Object.entries(permissions ?? {}).filter(
        ([, permission]) => permission === 'write',
      );
      expect([name, ...writes.map(([scope]) => scope).sort()]).toEqual([
        name,
        ...(WRITES[`${file} ${name}`] ?? []),
      ]);
      expect(permissions).toBeDefined();
    }
  });

  it('has a time limit, and leaves no credentials in the clone', () => {
    // A job that calls a workflow has the limits of that workflow’s jobs.
    const own = jobs.filter(([, job]) => job.uses === undefined);
    expect(own.filter(([, job]) => job['timeout-minutes'] === undefined)).toEqual([]);
    const clones = steps.filter(({ uses }) => uses?.startsWith('actions/checkout@'));
    expect(clones.every((step) => step.with?.['persist-credentials'] === false)).toBe(true);
  });

  it('puts nothing into a script that outsiders can write', () => {
    expect(steps.filter(({ run }) => run?.includes('${{'))).toEqual([]);
  });
});
