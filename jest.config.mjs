const inFolders = (...folders) => folders.map((folder) => `<rootDir>/test/${folder}/**/*.test.ts`);

const project = (displayName, testMatch, environment = 'suite') => ({
  displayName,
  testEnvironment: `<rootDir>/test/support/jest/${environment}-environment.ts`,
  extensionsToTreatAsEsm: ['.ts'],
  testMatch,
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      { jsc: { parser: { syntax: 'typescript' }, target: 'es2024' }, module: { type: 'es6' } },
    ],
  },
});

/**
 * The end-to-end suites that run a second time with a Role in each of their namespaces and no cluster-wide permission.
 * test/unit/repository/suites-under-roles.test.ts lists the others, each with the reason.
 */
const UNDER_ROLES = [
  'annotations',
  'backup',
  'cleanup',
  'fleet',
  'foreign',
  'leader-election',
  'outage',
  'permission-drills',
  'profiles',
  'removal',
  'repair',
];

/** The suites that `npm run test:oldest` runs on the oldest Kubernetes: those of the policies, and some of everyday work. */
const ON_THE_OLDEST = [
  'guard',
  'permission-drills',
  'permissions',
  'profiles',
  'removal',
  'repair',
  'foreign',
];

/**
 * Suites of which `npm test` runs only a small share: simulated worlds and hours, random cases. In `long` they run their
 * large share (test/support/suite/share.ts).
 */
const LONG = [
  'unit/aws/ecr/ecr-answer',
  'simulated/controller.faults',
  'simulated/controller.time',
  'simulated/leader-election',
  'simulated/profiles.fleet',
  'simulated/worlds/worlds',
  'unit/controller/election/leader-election.properties',
  'unit/controller/tokens/token-store.properties',
  'unit/domain/plan/plan.properties',
];

/**
 * `fast` and `long` need only Node. `cluster` and `roles` use a real control plane, `oldest` one of Kubernetes 1.30. `image` builds and runs the image
 * with buildah. The runs of `acceptance` take minutes.
 */
export default {
  // All cores: the tests only wait for each other.
  maxWorkers: '100%',
  reporters: [
    'default',
    // Silent unless the contract suite ran on both servers.
    '<rootDir>/test/support/jest/contract-reporter.ts',
    '<rootDir>/test/support/jest/tally-reporter.ts',
    ['<rootDir>/test/support/jest/end-of-run.ts', { graceMs: 30_000 }],
  ],
  projects: [
    project('fast', inFolders('unit', 'simulated', 'contract')),
    {
      ...project(
        'long',
        LONG.map((suite) => `<rootDir>/test/${suite}.test.ts`),
      ),
      globals: { SHARE: 'large' },
    },
    project('cluster', inFolders('cluster'), 'control-plane'),
    {
      ...project(
        'roles',
        UNDER_ROLES.map((suite) => `<rootDir>/test/cluster/${suite}.test.ts`),
        'control-plane',
      ),
      globals: { RBAC_MODE: 'namespaces' },
    },
    {
      ...project(
        'oldest',
        ON_THE_OLDEST.map((suite) => `<rootDir>/test/cluster/${suite}.test.ts`),
        'control-plane',
      ),
      globals: { KUBERNETES: 'oldest' },
    },
    project('image', inFolders('image')),
    project('acceptance', inFolders('acceptance')),
  ],
};
