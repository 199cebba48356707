/** Certificates of private authorities, from a file that may be replaced while we run. */
import { X509Certificate } from 'node:crypto';
import { DuplicateFilter } from '../../base/duplicate-filter.ts';
import { StalledError } from '../../domain/errors.ts';

export type ReadText = (path: string) => Promise<string>;

const CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

export class CaBundle {
  readonly path: string;
  readonly #readText: ReadText;
  /** Called once for each kind of trouble with the file, while its last good content stays in use. */
  readonly #onTrouble: (problem: string) => void;
  #pem: string;
  readonly #reported = new DuplicateFilter();

  private constructor(path: string, readText: ReadText, onTrouble: (problem: string) => void) {
    this.path = path;
    this.#readText = readText;
    this.#onTrouble = onTrouble;
    this.#pem = '';
  }

  /** Throws a `StalledError` with its fix if the file can't be read or holds no certificate. */
  static async open(
    path: string,
    readText: ReadText,
    onTrouble: (problem: string) => void,
  ): Promise<CaBundle> {
    const bundle = new CaBundle(path, readText, onTrouble);
    const problem = await bundle.#read();
    if (problem === undefined) return bundle;
    throw new StalledError(`AWS_CA_BUNDLE names ${path}, which ${problem}`, {
      code: 'AWS_CA_BUNDLE_UNUSABLE',
      fix: 'mount a file with the PEM certificates of your authorities there, or unset the variable',
    });
  }

  /** As PEM. Reads the file every time, as mounted files are replaced; a bad replacement is reported and not used. */
  async current(): Promise<string> {
    const problem = await this.#read();
    if (problem === undefined) this.#reported.forget(this.path);
    else if (this.#reported.isNews(this.path, problem)) this.#onTrouble(problem);
    return this.#pem;
  }

  /** Returns what is wrong with the file, if anything. */
  async #read(): Promise<string | undefined> {
    let text: string;
    try {
      text = await this.#readText(this.path);
    } catch (error) {
      return `can't be read (${(error as NodeJS.ErrnoException).code ?? 'unknown'})`;
    }
    const certificates = text.match(CERTIFICATE) ?? [];
    if (certificates.length === 0) return 'holds no PEM certificate';
    if (!certificates.every(isCertificate)) return 'holds a damaged certificate';
    this.#pem = certificates.join('\n');
    return undefined;
  }
}

function isCertificate(pem: string): boolean {
  try {
    return new X509Certificate(pem).raw.length > 0;
  } catch {
    return false;
  }
}
