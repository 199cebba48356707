/** Namespaces for comparing the injector with the planner: handwritten edge cases, and random ones from a seed. */
import * as fc from 'fast-check';
import { annotationsOf } from '../values/builders.ts';

export interface InjectorCase {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  /** The ServiceAccounts whose Pods are checked. */
  readonly serviceAccounts: readonly string[];
}

const ACCOUNTS = ['default', 'builder', 'deploy.bot'];

type Written = Parameters<typeof annotationsOf>[0];

const ENABLED = ['true', 'false', 'True', '', ' true', 'true\n'];
const PROFILES = [
  ['default', 'shared', 'prod', 'team-a', 'unknown', 'unknown,default', 'prod, default'],
  [' default ', '\u00a0default\ufeff', '\u0085default', 'default\n', '\u2028\u3000shared\v'],
  ['', ',', 'default,', 'default,,shared', 'Default', 'de fault', '-default', 'default-'],
  ['x'.repeat(63), 'x'.repeat(64), `${'x'.repeat(63)},default`, 'constructor', '__proto__'],
  ['\u0000', 'dеfault', 'default\u200b', '["default"]', "default'"],
].flat();
const SERVICE_ACCOUNTS = [
  ['*', ' * ', '\u2003*\ufeff', '\u0085*', '**', 'none', ' none\t', '\u0085none', 'None'],
  ['default', 'builder', 'deploy.bot', 'default,builder', ' builder ,\tdeploy.bot'],
  ['*,default', 'none,default', 'default,none', '', ',', 'default,', 'Default', 'def*'],
  ['a..b', '.builder', 'builder.', 'deploy-bot', 'deploy.bot,default\n', "default'"],
  [`${'x'.repeat(253)},default`, `${'x'.repeat(254)},default`],
].flat();
const REQUESTS = ['now', '', 'x'.repeat(256), 'x'.repeat(257), '𝕏'.repeat(256), '𝕏'.repeat(257)];
/** Lists around the longest that is read. */
const LONG = [
  'default,'.repeat(2047) + 'builder',
  `${'default,'.repeat(2047)}builder,`.padEnd(16_385),
];

/** Each edge case in an opted-in namespace, and each value of `enabled` by itself. */
export function edgeCases(): readonly InjectorCase[] {
  const enabled: Written = { enabled: 'true' };
  const written: readonly Written[] = [
    {},
    ...ENABLED.map((value) => ({ enabled: value })),
    ...PROFILES.map((profiles) => ({ ...enabled, profiles })),
    ...SERVICE_ACCOUNTS.map((serviceAccounts) => ({ ...enabled, serviceAccounts })),
    ...REQUESTS.map((refreshRequestedAt) => ({ ...enabled, refreshRequestedAt })),
    ...LONG.flatMap((list) => [
      { ...enabled, serviceAccounts: list },
      { ...enabled, profiles: list },
    ]),
  ];
  const names = ['team-x', 'prod', 'a-prod', 'exact', 'exact1', 'abc', 'azbzc', 'ab', 'ac'];
  return [
    ...written.map((each, index) => aCase(`team-edge-${index}`, {}, each)),
    ...['acb', 'a-b-c', 'z', 'zz', 'zq', 'kube-x', 'q', 'a-b-c-d'].map((name) =>
      aCase(name, {}, {}),
    ),
    ...names.map((name) => aCase(name, {}, {})),
    aCase('kube-opted-in', {}, enabled),
    aCase('q-opted-in', {}, enabled),
  ];
}

/** The same seed gives the same cases. */
export function drawnCases(count: number, seed: number): readonly InjectorCase[] {
  const option = <T>(values: readonly T[]) =>
    fc.option(fc.constantFrom(...values), { nil: undefined });
  const often = (values: readonly string[]) =>
    fc.oneof(
      { weight: 3, arbitrary: fc.constantFrom(...values.slice(0, 6)) },
      { weight: 1, arbitrary: fc.constantFrom(...values) },
      { weight: 3, arbitrary: fc.constant(undefined) },
      { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 6 }).map(encodable) },
    );
  const drawn = fc.record({
    shape: fc.constantFrom('team-*', 'team-x*', '*-prod', 'a*b0c', '*z', '*q', 'x-*-y-z', 'n*'),
    tier: option(['prod', 'stage', 'dev']),
    env: option(['', 'no', 'yes']),
    y: option(['', 'y']),
    constructor: option(['it']),
    account: fc.constantFrom(...ACCOUNTS),
    written: fc.record({
      enabled: fc.oneof(
        { weight: 4, arbitrary: fc.constantFrom('true', undefined) },
        { weight: 1, arbitrary: fc.constantFrom(...ENABLED) },
      ),
      profiles: often(PROFILES),
      serviceAccounts: often(SERVICE_ACCOUNTS),
      refreshRequestedAt: fc.constantFrom(undefined, undefined, undefined, ...REQUESTS),
    }),
  });
  return fc
    .sample(drawn, { numRuns: count, seed })
    .map(({ shape, written, account, ...labels }, index) => {
      const named = { tier: labels.tier, env: labels.env, 'example.com/y': labels.y };
      const all = { ...named, constructor: labels.constructor };
      const name = shape.replace('*', `d${index}`);
      return { ...aCase(name, all, written as Written), serviceAccounts: [account] };
    });
}

function aCase(
  name: string,
  labels: Readonly<Record<string, string | undefined>>,
  written: Written,
): InjectorCase {
  const present = Object.entries(labels).flatMap(([key, value]) =>
    value === undefined ? [] : [[key, value] as const],
  );
  return {
    name,
    labels: Object.fromEntries(present),
    annotations: annotationsOf(written),
    serviceAccounts: ACCOUNTS,
  };
}

/** Replaces lone surrogates, which the API server's JSON can't contain. */
function encodable(text: string): string {
  return Buffer.from(text, 'utf8').toString('utf8');
}
