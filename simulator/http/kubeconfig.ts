/** Renders a kubeconfig for a simulated cluster, as JSON, which every YAML parser accepts. */

export interface KubeconfigParts {
  /** `https://127.0.0.1:<port>`. */
  readonly server: string;
  /** The CA that signed the server's certificate. */
  readonly caPem: string;
  readonly token: string;
  /** The namespace of commands that don't name one; `default` if not set. */
  readonly namespace?: string;
  /** The name of the cluster, user and context. */
  readonly name?: string;
}

/** The text of the file. It contains the token. */
export function renderKubeconfig(parts: KubeconfigParts): string {
  const { server, caPem, token, namespace, name = 'simulator' } = parts;
  const cluster = {
    server,
    'certificate-authority-data': Buffer.from(caPem).toString('base64'),
  };
  const context = { cluster: name, user: name, ...(namespace === undefined ? {} : { namespace }) };
  const content = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name, cluster }],
    users: [{ name, user: { token } }],
    contexts: [{ name, context }],
    'current-context': name,
  };
  return `${JSON.stringify(content, null, 2)}\n`;
}
