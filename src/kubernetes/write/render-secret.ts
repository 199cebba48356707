/** Renders our Secret as it is sent to the API server. */
import {
  type Instance,
  LABELS,
  MANAGED_BY,
  SECRET_DATA_KEY,
  SECRET_TYPE,
} from '../../domain/contract.ts';
import type { CachedPullSecret } from '../../domain/state/observed.ts';
import type { PullSecretContent } from '../../domain/state/pull-secret.ts';
import { NEVER_A_VERSION } from '../transport/resources.ts';

/** The body of an apply: always the whole Secret, under preconditions. */
export function renderSecret(
  { dockerConfig, annotations }: PullSecretContent,
  existing: CachedPullSecret | undefined,
  instance: Instance,
): unknown {
  const preconditions =
    existing === undefined
      ? { resourceVersion: NEVER_A_VERSION }
      : { uid: existing.uid, resourceVersion: existing.resourceVersion };
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: {
      name: instance.secretName,
      ...preconditions,
      labels: labelsOf(instance),
      annotations,
    },
    type: SECRET_TYPE,
    data: { [SECRET_DATA_KEY]: Buffer.from(dockerConfig.reveal()).toString('base64') },
  };
}

export function labelsOf(instance: Instance): Readonly<Record<string, string>> {
  return { [LABELS.managedBy]: MANAGED_BY, [LABELS.instance]: instance.name };
}
