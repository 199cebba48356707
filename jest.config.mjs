const inFolders = (...folders) => folders.map((folder) => `<rootDir>/test/${folder}/**/*.test.ts`);

const project = (displayName, testMatch) => ({
  displayName,
  testEnvironment: 'node',
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
 * The end-to-end suites that run a second time with a Role in each of their namespaces and no cluster-wide right.
 * test/contract/suites-under-roles.test.ts has the others, each with the reason.
 */
const UNDER_ROLES = [
  'annotations',
  'backup',
  'cleanup',
  'damping',
  'fleet',
  'foreign',
  'leader-election',
  'outage',
  'permission-drills',
  'profiles',
  'removal',
  'repair',
];

/**
 * `fast` needs nothing but Node. `cluster` shares one real control plane, and `roles`
 * another. `image` builds and runs the image, with
 * buildah. The runs of `acceptance` take minutes and start their own control plane.
 */
export default {
  // Every core: the tests wait for nothing but each other.
  maxWorkers: '100%',
  // The second is silent unless the contract suite ran on both servers.
  reporters: ['default', '<rootDir>/test/support/contract-reporter.ts'],
  projects: [
    project('fast', inFolders('unit', 'adapters', 'contract', 'simulation')),
    {
      ...project('cluster', inFolders('cluster')),
      globalSetup: '<rootDir>/test/support/control-plane/global-setup.ts',
      globalTeardown: '<rootDir>/test/support/control-plane/global-teardown.ts',
    },
    {
      ...project(
        'roles',
        UNDER_ROLES.map((suite) => `<rootDir>/test/cluster/${suite}.test.ts`),
      ),
      globals: { RBAC_MODE: 'namespaces' },
      globalSetup: '<rootDir>/test/support/control-plane/global-setup-of-roles.ts',
      globalTeardown: '<rootDir>/test/support/control-plane/global-teardown-of-roles.ts',
    },
    project('image', inFolders('image')),
    project('acceptance', inFolders('acceptance')),
  ],
};
