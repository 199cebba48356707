/** The directory of a control plane: all paths in it, and the programs' flags. */
import { randomBytes, generateKeyPairSync } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Binaries, ControlPlaneProgram } from './binaries.ts';
import { writeKubeconfig } from './kubeconfig.ts';

interface Ports {
  readonly etcdClient: number;
  readonly etcdPeer: number;
  readonly apiServer: number;
}

/** Stored as a file, so that another module instance or process can open the control plane. */
export interface Description {
  readonly binaries: Binaries;
  readonly ports: Ports;
  readonly extraApiServerArgs: readonly string[];
}

export function pathsOf(dir: string) {
  return {
    description: join(dir, 'control-plane.json'),
    auditLog: join(dir, 'audit.log'),
    auditPolicy: join(dir, 'audit-policy.json'),
    certificates: join(dir, 'certificates'),
    servingCertificate: join(dir, 'certificates', 'apiserver.crt'),
    caFile: join(dir, 'ca.crt'),
    tokens: join(dir, 'tokens.csv'),
    serviceAccountKey: join(dir, 'service-account.key'),
    adminKubeconfig: join(dir, 'admin.kubeconfig'),
    controllerManagerKubeconfig: join(dir, 'controller-manager.kubeconfig'),
    pidFile: (name: ControlPlaneProgram) => join(dir, `${name}.pid`),
    logFile: (name: ControlPlaneProgram) => join(dir, `${name}.log`),
    userFile: (name: string, ending: 'kubeconfig' | 'token') => join(dir, `${name}.${ending}`),
  };
}

/** Writes all files that the programs read. The API server creates its serving certificate itself. */
export async function writeFiles(dir: string, description: Description): Promise<void> {
  const paths = pathsOf(dir);
  await mkdir(paths.certificates, { recursive: true });
  await writeFile(paths.description, JSON.stringify(description));
  await writeFile(paths.auditPolicy, JSON.stringify(auditPolicy()));
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' });
  await writeFile(paths.serviceAccountKey, pem, { mode: 0o600 });
  const users = [
    { user: 'admin', kubeconfig: paths.adminKubeconfig },
    { user: 'system:kube-controller-manager', kubeconfig: paths.controllerManagerKubeconfig },
  ];
  const lines: string[] = [];
  for (const { user, kubeconfig } of users) {
    const token = randomBytes(24).toString('hex');
    const tokenFile = `${kubeconfig}.token`;
    lines.push(`${token},${user},${user},system:masters\n`);
    await writeFile(tokenFile, token, { mode: 0o600 });
    await writeKubeconfig(kubeconfig, {
      server: serverOf(description),
      caFile: paths.caFile,
      tokenFile,
    });
  }
  await writeFile(paths.tokens, lines.join(''), { mode: 0o600 });
}

export function serverOf(description: Description): string {
  return `https://127.0.0.1:${description.ports.apiServer}`;
}

/** Logs every request except the control plane's own, which are many and tell nothing about us. */
function auditPolicy(): object {
  return {
    apiVersion: 'audit.k8s.io/v1',
    kind: 'Policy',
    omitStages: ['RequestReceived'],
    omitManagedFields: true,
    rules: [
      { level: 'None', users: ['system:apiserver', 'system:kube-controller-manager'] },
      { level: 'None', nonResourceURLs: ['/readyz*', '/livez*', '/healthz*', '/version'] },
      { level: 'Metadata' },
    ],
  };
}

export function argsOf(
  dir: string,
  description: Description,
  name: ControlPlaneProgram,
): readonly string[] {
  if (name === 'etcd') return etcdArgs(dir, description.ports);
  if (name === 'kube-apiserver') return apiServerArgs(dir, description);
  return controllerManagerArgs(dir);
}

function etcdArgs(dir: string, ports: Ports): readonly string[] {
  const client = `http://127.0.0.1:${ports.etcdClient}`;
  const peer = `http://127.0.0.1:${ports.etcdPeer}`;
  return [
    `--data-dir=${join(dir, 'etcd')}`,
    `--listen-client-urls=${client}`,
    `--advertise-client-urls=${client}`,
    `--listen-peer-urls=${peer}`,
    `--initial-advertise-peer-urls=${peer}`,
    `--initial-cluster=default=${peer}`,
    '--unsafe-no-fsync=true',
    '--log-level=warn',
  ];
}

function apiServerArgs(dir: string, { ports, extraApiServerArgs }: Description): readonly string[] {
  const paths = pathsOf(dir);
  return [
    `--etcd-servers=http://127.0.0.1:${ports.etcdClient}`,
    '--bind-address=127.0.0.1',
    '--advertise-address=127.0.0.1',
    // Endpoints may not contain a loopback address, and no test needs the `kubernetes` Service.
    '--endpoint-reconciler-type=none',
    `--secure-port=${ports.apiServer}`,
    `--cert-dir=${paths.certificates}`,
    `--token-auth-file=${paths.tokens}`,
    '--authorization-mode=RBAC',
    '--service-account-issuer=https://kubernetes.default.svc.cluster.local',
    `--service-account-key-file=${paths.serviceAccountKey}`,
    `--service-account-signing-key-file=${paths.serviceAccountKey}`,
    '--service-cluster-ip-range=10.0.0.0/24',
    `--audit-policy-file=${paths.auditPolicy}`,
    `--audit-log-path=${paths.auditLog}`,
    '--audit-log-maxsize=0',
    '--profiling=false',
    ...extraApiServerArgs,
  ];
}

function controllerManagerArgs(dir: string): readonly string[] {
  const paths = pathsOf(dir);
  return [
    `--kubeconfig=${paths.controllerManagerKubeconfig}`,
    `--service-account-private-key-file=${paths.serviceAccountKey}`,
    `--controllers=${[
      'namespace-controller',
      'serviceaccount-controller',
      'serviceaccount-token-controller',
      'garbage-collector-controller',
      'clusterrole-aggregation-controller',
      // Checks the types in policies.
      'validatingadmissionpolicy-status-controller',
    ].join(',')}`,
    '--concurrent-namespace-syncs=20',
    '--concurrent-gc-syncs=10',
    // Creating a namespace's `default` ServiceAccount must not wait for this client's own limit.
    '--kube-api-qps=1000',
    '--kube-api-burst=2000',
    '--leader-elect=false',
    '--secure-port=0',
    '--profiling=false',
  ];
}
