/** Admission webhooks for writes of Secrets that hang, or that nobody answers. */
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { newAuthority } from '../../simulator/http/certificates.ts';
import type { AdminClient } from '../../test/support/control-plane/admin-client.ts';
import { freePort } from '../../test/support/control-plane/free-port.ts';

const PATH = '/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations';

export interface BadWebhookOptions {
  /** Concerns the namespaces whose names begin so; empty: all. */
  readonly prefix: string;
  /** The API server waits so long, and fails the write. `undefined`: connections are refused, so it fails at once. */
  readonly hangSeconds: number | undefined;
}

export class BadWebhook {
  readonly #admin: AdminClient;
  readonly #server: Server | undefined;

  private constructor(admin: AdminClient, server: Server | undefined) {
    this.#admin = admin;
    this.#server = server;
  }

  static async install(admin: AdminClient, options: BadWebhookOptions): Promise<BadWebhook> {
    const { prefix, hangSeconds } = options;
    const authority = newAuthority('bad-webhook');
    const { certPem, keyPem } = authority.issue('bad-webhook');
    const server =
      hangSeconds === undefined
        ? undefined
        : createServer({ cert: certPem, key: keyPem }, () => undefined);
    if (server !== undefined) {
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    }
    const port = server === undefined ? await freePort() : (server.address() as AddressInfo).port;
    const webhook = {
      name: 'bad.example.com',
      clientConfig: {
        url: `https://127.0.0.1:${port}/`,
        caBundle: Buffer.from(authority.certPem).toString('base64'),
      },
      rules: [
        {
          apiGroups: [''],
          apiVersions: ['v1'],
          operations: ['CREATE', 'UPDATE'],
          resources: ['secrets'],
        },
      ],
      matchConditions: [{ name: 'bad', expression: `request.namespace.startsWith("${prefix}")` }],
      failurePolicy: 'Fail',
      sideEffects: 'None',
      timeoutSeconds: hangSeconds ?? 10,
      admissionReviewVersions: ['v1'],
    };
    await admin.create(PATH, { metadata: { name: 'bad' }, webhooks: [webhook] });
    return new BadWebhook(admin, server);
  }

  /** The API server forgets it within about a second. */
  async remove(): Promise<void> {
    await this.#admin.delete(`${PATH}/bad`);
    this.#server?.close();
    this.#server?.closeAllConnections();
  }
}
