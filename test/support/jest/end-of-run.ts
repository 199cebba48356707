/** jest reporter that ends the run: jest itself waits for ever for anything that a suite left open, such as a server. */

interface Options {
  /** Counted from the end of the tests; the teardown of shared control planes comes after that. */
  readonly graceMs: number;
}

// oxlint-disable-next-line import/no-default-export -- jest's contract
export default class EndOfRun {
  readonly #isWatching: boolean;
  readonly #options: Options;

  constructor(run: { readonly watch: boolean; readonly watchAll: boolean }, options: Options) {
    this.#isWatching = run.watch || run.watchAll;
    this.#options = options;
  }

  /** Fails the run too: something left open is a bug. */
  onRunComplete(): void {
    if (this.#isWatching) return;
    const end = () => {
      const open = process.getActiveResourcesInfo().join(', ');
      console.error(
        `the tests have finished, but resources are still open; ending them now: ${open}`,
      );
      process.exit(1);
    };
    setTimeout(end, this.#options.graceMs).unref();
  }
}
