/** The simulated ECR and STS over HTTP, for processes and for the SDK's own network code: for what moto can't do. */
import { type AwsServer, serveAwsOverHttp } from '../../src/simulator/aws/aws-server.ts';
import { SimulatedAws } from '../../src/simulator/aws/simulated-aws.ts';
import { CANARY } from './canary.ts';
import { realClock } from './real-clock.ts';

export class FakeAws extends SimulatedAws {
  #server: AwsServer | undefined;

  /** Listens on a free port of loopback, on the machine's clock. */
  static async start({ tokenLifeMs }: { readonly tokenLifeMs?: number } = {}): Promise<FakeAws> {
    const life = tokenLifeMs === undefined ? {} : { tokenLifeMs };
    const fake = new FakeAws({ clock: realClock, marker: CANARY, ...life });
    fake.#server = await serveAwsOverHttp(fake.wire());
    return fake;
  }

  /** For `AWS_ENDPOINT_URL_ECR` and `AWS_ENDPOINT_URL_STS`. */
  get url(): string {
    return this.#server?.url ?? '';
  }

  /** Cuts what is open, hanging requests included. */
  async stop(): Promise<void> {
    await this.#server?.close();
  }
}
