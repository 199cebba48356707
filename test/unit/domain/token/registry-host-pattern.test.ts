import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { partitionOf } from '../../../../src/domain/token/aws-partition.ts';
import { parseRegistryHost, REGISTRY_HOST } from '../../../../src/domain/token/registry-host.ts';

const WORDS = [
  'gov',
  'iso',
  'isob',
  'isoe',
  'isof',
  'north',
  'east',
  'go',
  'is',
  'isoo',
  'govs',
  'a',
  'de',
];
const word = fc.oneof(fc.constantFrom(...WORDS), fc.stringMatching(/^[a-z]{1,5}$/));
const region = fc
  .tuple(
    fc.constantFrom(
      'us',
      'eu',
      'cn',
      'ap',
      'ca',
      'eusc',
      'us-gov',
      'us-iso',
      'us-isob',
      'eu-isoe',
      'us-isof',
      'eusc-de',
    ),
    word,
    fc.constantFrom('1', '1', '1', '12', '123', ''),
  )
  .map((parts) => parts.join('-'));
const SUFFIXES = [
  'amazonaws.com',
  'amazonaws.com.cn',
  'amazonaws.eu',
  'c2s.ic.gov',
  'sc2s.sgov.gov',
  'cloud.adc-e.uk',
  'csp.hci.ic.gov',
  'on.aws',
  'on.amazonwebservices.com.cn',
  'on.aws.ic.gov',
  'on.aws.scloud',
  'on.cloud-aws.adc-e.uk',
  'on.aws.hci.ic.gov',
  'onxaws',
];
const host = fc
  .tuple(
    fc.oneof({ weight: 9, arbitrary: fc.constant('123456789012') }, fc.constant('12345678901')),
    fc.constantFrom('dkr.ecr', 'dkr.ecr-fips', 'dkr-ecr', 'dkr-ecr-fips'),
    region,
    fc.constantFrom(...SUFFIXES, 'amazonaws.com', 'on.aws'),
  )
  .map((parts) => parts.join('.'));

describe('the pattern of registry hosts', () => {
  it('accepts exactly what the parser accepts', () => {
    let taken = 0;
    fc.assert(
      fc.property(host, (text) => {
        const isTaken = parseRegistryHost(text).kind !== 'invalid';
        taken += isTaken ? 1 : 0;

        expect([text, REGISTRY_HOST.test(text)]).toEqual([text, isTaken]);
      }),
      { numRuns: 10_000 },
    );
    expect(taken).toBeGreaterThan(100);
  });

  it('generates only hosts that the parser accepts', () => {
    fc.assert(
      fc.property(fc.stringMatching(REGISTRY_HOST), (text) => {
        expect([text, parseRegistryHost(text).kind]).not.toEqual([text, 'invalid']);
      }),
    );
  });
});

describe('a plain region', () => {
  it('has two letters, any word except those of the other partitions, and a number', () => {
    const plain = /^(?!cn-)[a-z]{2}-(?!gov-|iso[a-z]?-)[a-z]+-\d{1,2}$/;
    fc.assert(
      fc.property(region, (text) => {
        expect([text, partitionOf(text) === 'aws']).toEqual([text, plain.test(text)]);
      }),
      { numRuns: 5000 },
    );
  });
});
