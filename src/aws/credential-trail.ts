/** Learns from the SDK's own debug lines which credential provider it asked last: its errors don't tell. */

/** In the order of the SDK's default chain; the markers are in its debug lines since 3.x and are held by a test. */
const PROVIDERS: readonly (readonly [marker: string, provider: string])[] = [
  ['defaultProvider::fromEnv', 'environment'],
  ['defaultProvider::fromIni', 'AWS configuration files'],
  ['defaultProvider::fromTokenFile', 'web identity (IRSA)'],
  ['remoteProvider::fromHttp', 'EKS Pod Identity'],
  ['remoteProvider::fromInstanceMetadata', 'instance metadata'],
  [
    'Instance Metadata Service access disabled',
    'instance metadata, disabled by AWS_EC2_METADATA_DISABLED',
  ],
];

/** What the SDK takes for a logger. Keeps names, never text. */
export class CredentialTrail {
  #lastProvider = 'default chain';

  get lastProvider(): string {
    return this.#lastProvider;
  }

  debug(line: unknown): void {
    if (typeof line !== 'string') return;
    const found = PROVIDERS.find(([marker]) => line.includes(marker));
    if (found !== undefined) this.#lastProvider = found[1];
  }

  /** The SDK would print its warnings on the console otherwise. */
  info(): void {}
  warn(): void {}
  error(): void {}
}
