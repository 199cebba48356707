/** A running control plane as tests use it. All its state is in its directory, so it can be opened more than once. */
import { readFile, rm, writeFile } from 'node:fs/promises';
import { AdminClient } from './admin-client.ts';
import { AuditLog, type AuditEvent } from './audit-log.ts';
import { writeKubeconfig } from './kubeconfig.ts';
import { pathsOf, serverOf, type Description } from './layout.ts';
import { startProgram, stopProgram, untilApiServerReady } from './programs.ts';

export interface ServiceAccountUser {
  readonly namespace: string;
  readonly serviceAccount: string;
  /** Lifetime of the token; at least 600 (the API server's minimum), default one day. */
  readonly tokenLifeSeconds?: number;
  /** Default: the API server itself; or an `ApiProxy` in front of it. */
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

  /** Opens a control plane that is already running. */
  static async open(dir: string): Promise<ControlPlane> {
    const text = await readFile(pathsOf(dir).description, 'utf8');
    return new ControlPlane(dir, JSON.parse(text) as Description);
  }

  /** `https://127.0.0.1:<port>`; does not change with restarts. */
  get server(): string {
    return serverOf(this.#description);
  }

  get caFile(): string {
    return pathsOf(this.dir).caFile;
  }

  /** The kubeconfig of a user in the group `system:masters`. */
  get adminKubeconfig(): string {
    return pathsOf(this.dir).adminKubeconfig;
  }

  /** A client for the administrator. Close it when done. */
  async admin(connections?: number): Promise<AdminClient> {
    return AdminClient.from(this.adminKubeconfig, connections);
  }

  /** A new kubeconfig for an existing ServiceAccount, with a token from TokenRequest in a file. */
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

  /** Every request since the start except the control plane's own; see `AuditLog.read`. */
  async auditLog(): Promise<readonly AuditEvent[]> {
    return this.#audit.read();
  }

  /**
   * Stops the API server; clients see refused connections until it is started again. By itself it would wait a minute
   * for the clients' connections: after `graceMs` it is killed, and the connections are cut.
   */
  async stopApiServer(graceMs = 2_000): Promise<void> {
    await stopProgram(this.dir, 'kube-apiserver', graceMs);
  }

  /** Resolves when it is ready. Its watch cache is new: resuming an earlier watch gives a 410 if anything changed. */
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
