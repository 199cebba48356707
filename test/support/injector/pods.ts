/** Creates Pods for tests, and reads their references. */
import type { AdminClient, Answer } from '../control-plane/admin-client.ts';

export interface PodOptions {
  readonly serviceAccount?: string;
  /** The Pod's own references. */
  readonly references?: readonly string[];
  readonly annotations?: Readonly<Record<string, string>>;
  /** The Pod is not stored. */
  readonly dryRun?: boolean;
}

export async function createPod(
  admin: AdminClient,
  namespace: string,
  options: PodOptions = {},
): Promise<Answer> {
  const { serviceAccount, references, annotations = {}, dryRun = false } = options;
  return admin.raw('POST', `/api/v1/namespaces/${namespace}/pods${dryRun ? '?dryRun=All' : ''}`, {
    metadata: { generateName: 'pod-', annotations },
    spec: {
      ...(serviceAccount === undefined ? {} : { serviceAccountName: serviceAccount }),
      ...(references === undefined
        ? {}
        : { imagePullSecrets: references.map((name) => ({ name })) }),
      containers: [{ name: 'main', image: 'image' }],
    },
  });
}

/** The Pod's references, in order. Throws an Error if the answer contains no Pod. */
export function referencesIn({ status, body }: Answer): readonly string[] {
  if (status !== 201) throw new Error(`creating a Pod: ${status} ${JSON.stringify(body)}`);
  const { spec } = body as { spec: { imagePullSecrets?: readonly { name: string }[] } };
  return (spec.imagePullSecrets ?? []).map(({ name }) => name);
}
