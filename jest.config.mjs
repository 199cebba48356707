const project = (displayName, ...folders) => ({
  displayName,
  testEnvironment: 'node',
  extensionsToTreatAsEsm: ['.ts'],
  testMatch: folders.map((folder) => `<rootDir>/test/${folder}/**/*.test.ts`),
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      { jsc: { parser: { syntax: 'typescript' }, target: 'es2024' }, module: { type: 'es6' } },
    ],
  },
});

/**
 * `fast` needs nothing but Node. `cluster` shares one real control plane. `image` builds and runs the image, with
 * buildah. The runs of `acceptance` take minutes and start their own control plane.
 */
export default {
  // Every core: the tests wait for nothing but each other.
  maxWorkers: '100%',
  // The second is silent unless the contract suite ran on both servers.
  reporters: ['default', '<rootDir>/test/support/contract-reporter.ts'],
  projects: [
    project('fast', 'unit', 'adapters', 'contract', 'simulation'),
    {
      ...project('cluster', 'cluster'),
      globalSetup: '<rootDir>/test/support/control-plane/global-setup.ts',
      globalTeardown: '<rootDir>/test/support/control-plane/global-teardown.ts',
    },
    project('image', 'image'),
    project('acceptance', 'acceptance'),
  ],
};
