/** The results of a run of the contract suite: each behaviour with its result on every server, and the differences. */

/** One test as jest reports it: its titles are the server, the chapters and the behaviour's sentence. */
export interface ContractTest {
  readonly ancestorTitles: readonly string[];
  readonly title: string;
  readonly status: string;
}

export interface Behaviour {
  readonly chapter: string;
  readonly sentence: string;
  /** By server; missing if it was not run. */
  readonly results: ReadonlyMap<string, Result>;
}

type Result = 'passed' | 'failed';

/** In the order of the first server that reports them; ignores tests outside the suite. */
export function collectBehaviours(
  tests: readonly ContractTest[],
  servers: readonly string[],
): readonly Behaviour[] {
  const found = new Map<
    string,
    { chapter: string; sentence: string; results: Map<string, Result> }
  >();
  for (const { ancestorTitles, title: sentence, status } of tests) {
    const [suite = '', ...chapters] = ancestorTitles;
    const server = servers.find((one) => suite.endsWith(` of ${one}`));
    if (server === undefined) continue;
    const chapter = chapters.join(' › ');
    const key = JSON.stringify([chapter, sentence]);
    const behaviour = found.get(key) ?? { chapter, sentence, results: new Map() };
    found.set(key, behaviour);
    if (status === 'passed' || status === 'failed') behaviour.results.set(server, status);
  }
  return [...found.values()];
}

/** Behaviours that were run only on some servers, or had different results. */
export function findDifferences(
  behaviours: readonly Behaviour[],
  servers: readonly string[],
): readonly Behaviour[] {
  return behaviours.filter(({ results }) => {
    const all = new Set(servers.map((server) => results.get(server)));
    return all.size > 1;
  });
}

/** A table by chapter; `headings` names the servers' columns. */
export function renderReport(
  behaviours: readonly Behaviour[],
  headings: ReadonlyMap<string, string>,
): string {
  const servers = [...headings.keys()];
  const widths = servers.map((server) =>
    Math.max('not run'.length, headings.get(server)?.length ?? 0),
  );
  const row = (cells: readonly string[], text: string): string =>
    `  ${cells.map((cell, index) => cell.padEnd(widths[index] ?? 0)).join('  ')}  ${text}`.trimEnd();
  const lines = [row([...headings.values()], 'behaviour')];
  let chapter: string | undefined;
  for (const behaviour of behaviours) {
    if (behaviour.chapter !== chapter) lines.push('', (chapter = behaviour.chapter));
    const cells = servers.map((server) => behaviour.results.get(server) ?? 'not run');
    lines.push(row(cells, behaviour.sentence));
  }
  const counts = servers.map((server) => {
    const of = (result: Result): number =>
      behaviours.filter(({ results }) => results.get(server) === result).length;
    return `${headings.get(server)}: ${of('passed')} passed, ${of('failed')} failed`;
  });
  const differences = findDifferences(behaviours, servers).length;
  const total = `${behaviours.length} behaviours; ${counts.join('; ')}; ${differences} differ`;
  return [...lines, '', total].join('\n');
}
