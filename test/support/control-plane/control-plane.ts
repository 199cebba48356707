/** A running control plane, as tests see it. All state is in its directory: it can be opened more than once. */
import { readFile, rm, writeFile } from 'node:fs/promises';
import { AdminClient } from './admin-client.ts';
import { AuditLog, type AuditEvent } from './audit-log.ts';
import { writeKubeconfig } from './kubeconfig.ts';
import { pathsOf, serverOf, type Description } from './layout.ts';
import { startProgram, stopProgram, untilApiServerReady } from './programs.ts';

export interface ServiceAccountUser {
  readonly namespace: string;
  readonly serviceAccount: string;
  /** Life of the token; at least 600 (the API server's floor), default one day. */
  readonly tokenLifeSeconds?: number;
  /** Default: the API server itself; or an `ApiProxy` before it. */
  readonly server?: string;
}

export class ControlPlane {
  readonly dir: string;
  readonly #description: Description;
  readonly #audit: AuditLog;
  #users = 0;

  private constructor(dir: string, description: Description) {
    this.dir = dir;
    this.#description = description;
    this.#audit = new AuditLog(pathsOf(dir).auditLog);
  }

  /** Opens one that is running already. */
  static async open(dir: string): Promise<ControlPlane> {
    const text = await readFile(pathsOf(dir).description, 'utf8');
    return new ControlPlane(dir, JSON.parse(text) as Description);
  }

  /** `https://127.0.0.1:<port>`; stays the same over restarts. */
  get server(): string {
    return serverOf(this.#description);
  }

  get caFile(): string {
    return pathsOf(this.dir).caFile;
  }

  /** Group `system:masters`. */
  get adminKubeconfig(): string {
    return pathsOf(this.dir).adminKubeconfig;
  }

  /** Close it when done. */
  async admin(connections?: number): Promise<AdminClient> {
    return AdminClient.from(this.adminKubeconfig, connections);
  }

  /** A new kubeconfig whose user is that (existing) ServiceAccount, with a token by TokenRequest in a file. */
  async kubeconfigFor(user: ServiceAccountUser): Promise<string> {
    const admin = await this.admin();
    try {
      const path = `/api/v1/namespaces/${user.namespace}/serviceaccounts/${user.serviceAccount}/token`;
      const answer = await admin.create(path, {
        apiVersion: 'authentication.k8s.io/v1',
        kind: 'TokenRequest',
        spec: { expirationSeconds: user.tokenLifeSeconds ?? 86_400 },
      });
      const { token } = answer['status'] as { readonly token: string };
      const { userFile } = pathsOf(this.dir);
      const name = `${user.namespace}.${user.serviceAccount}.${process.pid}.${(this.#users += 1)}`;
      const tokenFile = userFile(name, 'token');
      await writeFile(tokenFile, token, { mode: 0o600 });
      const kubeconfig = userFile(name, 'kubeconfig');
      const server = user.server ?? this.server;
      await writeKubeconfig(kubeconfig, { server, caFile: this.caFile, tokenFile });
      return kubeconfig;
    } finally {
      await admin.close();
    }
  }

  /** Every request since the start but the control plane's own; see `AuditLog.read`. */
  async auditLog(): Promise<readonly AuditEvent[]> {
    return this.#audit.read();
  }

  /**
   * Stops the API server; clients see refused connections until it is started again. Left alone it would wait
   * for the clients' connections for a minute: after `graceMs` it is killed, and they are cut.
   */
  async stopApiServer(graceMs = 2_000): Promise<void> {
    await stopProgram(this.dir, 'kube-apiserver', graceMs);
  }

  /** Resolves when it is ready. Its watch cache is new: a watch from before answers 410 if anything changed. */
  async startApiServer(): Promise<void> {
    await startProgram(this.dir, this.#description, 'kube-apiserver');
    await untilApiServerReady(this.dir);
  }

  async restartApiServer(): Promise<void> {
    await this.stopApiServer();
    await this.startApiServer();
  }

  /** Kills everything and removes the directory. */
  async stop(): Promise<void> {
    await stopProgram(this.dir, 'kube-controller-manager', 0);
    await stopProgram(this.dir, 'kube-apiserver', 0);
    await stopProgram(this.dir, 'etcd', 0);
    await rm(this.dir, { recursive: true, force: true });
  }
}
