/** The report of the contract suite: complete, and loud if the servers differ. */
import { describe, expect, it } from '@jest/globals';
import {
  collectBehaviours,
  findDifferences,
  renderReport,
  type ContractTest,
} from '../../support/jest/contract-report.ts';

const SERVERS = ['the simulator', 'a server'];

function testOf(server: string, sentence: string, status = 'passed'): ContractTest {
  return {
    ancestorTitles: [`the Kubernetes API of ${server}`, 'reading'],
    title: sentence,
    status,
  };
}

const both = (sentence: string, first?: string, second?: string): readonly ContractTest[] => [
  testOf('the simulator', sentence, first),
  testOf('a server', sentence, second),
];

describe('the contract report', () => {
  it('puts the results of one behaviour side by side, under its chapter', () => {
    const behaviours = collectBehaviours([...both('lists'), ...both('gets')], SERVERS);
    const headings = new Map([
      ['the simulator', 'simulator'],
      ['a server', 'server v1'],
    ]);
    expect(renderReport(behaviours, headings)).toBe(
      [
        '  simulator  server v1  behaviour',
        '',
        'reading',
        '  passed     passed     lists',
        '  passed     passed     gets',
        '',
        '2 behaviours; simulator: 2 passed, 0 failed; server v1: 2 passed, 0 failed; 0 differ',
      ].join('\n'),
    );
  });

  it('names what failed on one server, and what ran on one only', () => {
    const behaviours = collectBehaviours(
      [
        ...both('lists'),
        ...both('gets', 'passed', 'failed'),
        ...both('skips', 'passed', 'pending'),
        testOf('a server', 'watches'),
        ...both('fails', 'failed', 'failed'),
      ],
      SERVERS,
    );
    const differing = findDifferences(behaviours, SERVERS).map(({ sentence }) => sentence);
    expect(differing).toEqual(['gets', 'skips', 'watches']);
  });

  it('sees no difference in tests that ask no server, and skips other tests', () => {
    const other = { ancestorTitles: ['something else'], title: 'is', status: 'passed' };
    const skipped = both('lists', 'pending', 'pending');
    const behaviours = collectBehaviours([...skipped, other], SERVERS);
    expect(behaviours).toHaveLength(1);
    expect(findDifferences(behaviours, SERVERS)).toEqual([]);
  });
});
