/** The parsed result of a scrape of `/metrics`. */

type Labels = Readonly<Record<string, string>>;

interface Sample {
  readonly name: string;
  readonly labels: Labels;
  readonly value: number;
}

const SAMPLE = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)$/;
const LABEL = /([a-zA-Z_]\w*)="((?:[^"\\]|\\.)*)"/g;

export class MetricsPage {
  readonly #samples: readonly Sample[];

  private constructor(samples: readonly Sample[]) {
    this.#samples = samples;
  }

  /** Throws an Error at a line that is neither a sample nor a comment. */
  static parse(text: string): MetricsPage {
    const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
    return new MetricsPage(lines.map(parseSample));
  }

  /** The sum of all series with this name and these labels; `undefined` if there is none. */
  value(name: string, labels: Labels = {}): number | undefined {
    const found = this.#samples.filter(
      (sample) =>
        sample.name === name &&
        Object.entries(labels).every(([key, value]) => sample.labels[key] === value),
    );
    return found.length === 0 ? undefined : found.reduce((sum, { value }) => sum + value, 0);
  }

  /** The names of the labels that every series with this name has. */
  labelsOf(name: string): readonly string[] {
    const [first, ...others] = this.#samples.filter((sample) => sample.name === name);
    return Object.keys(first?.labels ?? {}).filter((label) =>
      others.every(({ labels }) => label in labels),
    );
  }
}

function parseSample(line: string): Sample {
  const [, name, labels = '', value] = SAMPLE.exec(line) ?? [];
  if (name === undefined || value === undefined) throw new Error(`reading metrics: ${line}`);
  const pairs = [...labels.matchAll(LABEL)].map(([, key = '', text = '']) => [key, text] as const);
  return { name, labels: Object.fromEntries(pairs), value: Number(value) };
}
