/** jest's reporter that ends the run: jest itself waits for whatever a suite left open, such as a server, and for ever. */

interface Options {
  /** From the end of the tests; the teardown of shared control planes comes after them. */
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

  /** Fails the run, too: what is left open has a cause. */
  onRunComplete(): void {
    if (this.#isWatching) return;
    const end = () => {
      const open = process.getActiveResourcesInfo().join(', ');
      console.error(`the tests are over, but something is open still, which ends now: ${open}`);
      process.exit(1);
    };
    setTimeout(end, this.#options.graceMs).unref();
  }
}
