/** jest reporter for the contract suite: prints its table after a run, and fails the run if the servers differ. */
import { REAL_SERVER, SIMULATOR } from './contract-servers.ts';
import {
  collectBehaviours,
  findDifferences,
  renderReport,
  type ContractTest,
} from './contract-report.ts';
import { KUBERNETES_VERSION } from '../tools/control-plane.ts';

const SUITE = 'test/cluster/contract/contract.test.ts';

interface FileResult {
  readonly testFilePath: string;
  readonly testResults: readonly ContractTest[];
}

// oxlint-disable-next-line import/no-default-export -- jest's contract
export default class ContractReporter {
  #error: Error | undefined;

  onRunComplete(_contexts: unknown, run: { readonly testResults: readonly FileResult[] }): void {
    const files = run.testResults.filter(({ testFilePath }) => testFilePath.endsWith(SUITE));
    if (files.length === 0) return;
    const headings = new Map([
      [SIMULATOR, 'simulator'],
      [REAL_SERVER, `${REAL_SERVER}${ownVersion()}`],
    ]);
    const servers = [...headings.keys()];
    const behaviours = collectBehaviours(
      files.flatMap(({ testResults }) => testResults),
      servers,
    );
    console.log(`\nThe contract of the Kubernetes API\n\n${renderReport(behaviours, headings)}\n`);
    const differing = findDifferences(behaviours, servers);
    if (behaviours.length === 0) {
      this.#error = new Error('the contract suite reported no behaviour');
    } else if (differing.length > 0) {
      const sentences = differing.map(({ chapter, sentence }) => `  ${chapter}: ${sentence}`);
      const message = `not run on both servers, or with different results:\n${sentences.join('\n')}`;
      // jest counts the error, but does not print it.
      console.error(`${message}\n`);
      this.#error = new Error(message);
    }
  }

  /** jest fails the run if this returns an error. */
  getLastError(): Error | undefined {
    return this.#error;
  }
}

/** Empty for external binaries, which may have any version. */
function ownVersion(): string {
  return process.env['KUBEBUILDER_ASSETS'] === undefined ? ` ${KUBERNETES_VERSION}` : '';
}
