/** docs/simulator.md names the kubectl commands that are tested, and every fault that exists. */
import { describe, expect, it } from '@jest/globals';
import type { EcrMode, StsMode } from '../../../simulator/aws/aws-modes.ts';
import type { FaultEffect } from '../../../simulator/faults.ts';
import { DocumentPage, unquoted } from '../../support/pages/document-page.ts';
import { KUBECTL_ROWS, WATCHING } from '../../support/pages/kubectl-commands.ts';

const page = new DocumentPage('simulator.md');

/** The compiler checks these against the types: none missing, none too many. */
const EFFECTS: Readonly<Record<FaultEffect['kind'], true>> = {
  answer: true,
  delay: true,
  refuse: true,
  'lose-answer': true,
  'late-answer': true,
  'cut-body': true,
  hang: true,
  'silent-watch': true,
  'withhold-events': true,
  'delay-events': true,
  stale: true,
  conflict: true,
};
const STS_MODES: Readonly<Record<StsMode['kind'], true>> = {
  ok: true,
  throttle: true,
  'server-error': true,
  deny: true,
  'expired-credentials': true,
  'unknown-key': true,
  hang: true,
  cut: true,
};
const ECR_MODES: Readonly<Record<EcrMode['kind'], true>> = {
  ...STS_MODES,
  expiry: true,
  junk: true,
};

describe('docs/simulator.md', () => {
  it('names exactly the kubectl commands that a test runs', () => {
    const tested = [...KUBECTL_ROWS.map(({ form }) => form), WATCHING];

    expect(new Set(page.firstCells('kubectl'))).toEqual(new Set(tested));
  });

  it('has at least one working example of each command', () => {
    const working = KUBECTL_ROWS.filter(({ commands }) =>
      commands.some((command) => !command.startsWith('! ')),
    );

    expect(working).toEqual(KUBECTL_ROWS);
  });

  it('names every fault of the API server', () => {
    expect(page.firstCells('Faults of the API server')).toEqual(Object.keys(EFFECTS));
  });

  it('names every mode of AWS, and which service it belongs to', () => {
    const rows = page.rows('Faults of AWS');

    const of = (column: number) =>
      rows.filter((cells) => cells[column] === 'yes').map(([mode = '']) => unquoted(mode));
    expect(of(1)).toEqual(Object.keys(ECR_MODES));
    expect(of(2)).toEqual(Object.keys(STS_MODES));
  });
});
