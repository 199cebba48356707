/** The authorizer learns of roles from its own watch, some milliseconds after they are created. */
import { eventually } from '../../support/suite/eventually.ts';
import type { ContractClient } from './contract-client.ts';

const REVIEWS = '/apis/authorization.k8s.io/v1/subjectaccessreviews';

/** Waits until RBAC allows the user to do it. */
export async function untilAllowed(
  administrator: ContractClient,
  user: string,
  resourceAttributes: object,
): Promise<void> {
  const what = `the permission ${JSON.stringify(resourceAttributes)} of ${user}`;
  await eventually({ what, limitMs: 10_000, everyMs: 5 }, async () => {
    const { body } = await administrator.post(REVIEWS, { spec: { user, resourceAttributes } });
    return (body['status'] as { readonly allowed: boolean }).allowed;
  });
}
