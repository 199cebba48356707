/** The linter's rules. Which room may import what is defined in scripts/rooms.ts. */
import { posix } from 'node:path';
import { defineConfig, type OxlintOverride } from 'oxlint';
import { type Room, ROOMS } from './scripts/rooms.ts';

const FROM_OUTSIDE = [
  { object: 'Date', property: 'now', message: 'pass the time in from outside' },
  { object: 'Math', property: 'random', message: 'pass randomness in from outside' },
  { object: 'process', property: 'env', message: 'pass the configuration in from outside' },
];

/** The module path as the files of a room must write it; other spellings of the same path are refused. */
function patternOf(room: string, target: string): string {
  const path = posix.relative(room, target);
  const relative = path.startsWith('.') ? path : `./${path}`;
  return target.endsWith('.ts') ? `!${relative}` : `!${relative}/*`;
}

function arrowsOf([name, { imports, packages = [] }]: [string, Room]): OxlintOverride {
  const allowed = [
    ...imports.map((target) => patternOf(name, target)),
    ...packages.map((one) => `!${one}`),
  ];
  const message = `${name} may import ${[...imports, ...packages].join(', ') || 'nothing'} (scripts/rooms.ts)`;
  return {
    files: [`${name}/*.ts`],
    rules: {
      'no-restricted-imports': [
        'error',
        { patterns: [{ group: ['*', '!./*', ...allowed], message }] },
      ],
    },
  };
}

export default defineConfig({
  plugins: ['typescript', 'import', 'unicorn', 'jest', 'promise', 'node'],
  categories: { correctness: 'error', suspicious: 'error' },
  rules: {
    'no-console': 'error',
    eqeqeq: 'error',
    'no-var': 'error',
    'prefer-const': 'error',
    curly: ['error', 'multi-line'],
    complexity: ['error', 12],
    'max-depth': ['error', 3],
    'max-params': ['error', 4],
    'max-lines': ['error', { max: 200, skipComments: true, skipBlankLines: true }],
    'max-lines-per-function': ['error', { max: 50, skipComments: true, skipBlankLines: true }],
    'func-style': ['error', 'declaration', { allowArrowFunctions: true }],
    'no-shadow': 'off',
    'no-await-in-loop': 'off',
    'no-underscore-dangle': 'off',
    'import/no-default-export': 'error',
    'import/no-cycle': ['error', { ignoreTypes: false }],
    'import/no-unassigned-import': 'error',
    'promise/always-return': 'off',
    'typescript/no-explicit-any': 'error',
    'typescript/no-non-null-assertion': 'error',
    'typescript/no-floating-promises': 'error',
    'typescript/no-misused-promises': 'error',
    'typescript/await-thenable': 'error',
    'typescript/switch-exhaustiveness-check': 'error',
    'typescript/consistent-type-imports': 'error',
    'typescript/no-unsafe-type-assertion': 'off',
    'typescript/consistent-return': 'off',
    'consistent-return': 'off',
    'unicorn/filename-case': ['error', { case: 'kebabCase' }],
    'unicorn/no-array-sort': 'off',
    'unicorn/consistent-function-scoping': 'off',
    'unicorn/prefer-add-event-listener': 'off',
    'unicorn/no-array-reverse': 'off',
    'jest/expect-expect': 'off',
    'jest/no-standalone-expect': 'off',
    'jest/no-conditional-expect': 'error',
    'jest/no-focused-tests': 'error',
    'jest/no-disabled-tests': 'error',
  },
  overrides: [
    {
      files: ['src/**', 'simulator/**'],
      rules: { 'no-restricted-properties': ['error', ...FROM_OUTSIDE] },
    },
    {
      files: ['src/main.ts', 'src/platform/**', 'src/commands/**'],
      rules: { 'no-restricted-properties': 'off' },
    },
    {
      files: ['src/domain/**'],
      rules: {
        'no-restricted-globals': ['error', 'process', 'setTimeout', 'setInterval', 'fetch'],
      },
    },
    {
      files: ['test/**', 'bench/**', 'scripts/**'],
      rules: {
        'max-lines': 'off',
        'max-lines-per-function': 'off',
        'no-console': 'off',
        'max-params': 'off',
      },
    },
    ...Object.entries(ROOMS).map(arrowsOf),
  ],
});
