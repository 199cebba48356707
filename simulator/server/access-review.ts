/** Answers SelfSubjectAccessReviews with what RBAC would decide for a request, but without naming the binding that allows it. */
import { isAllowed, type AccessRule } from '../requests/access.ts';
import { isJsonObject, textOf } from '../objects/api-object.ts';
import { invalid, type ApiFailure } from '../objects/api-failure.ts';
import type { ApiRequest } from '../requests/api-request.ts';
import { ownersAfterUpdate } from '../patches/field-managers.ts';
import { parseSubmitted } from '../requests/request-body.ts';
import { apiVersionOf, SELF_SUBJECT_ACCESS_REVIEWS } from '../objects/resource-kinds.ts';

/** `rules`: `undefined` for a user who may do everything. Throws an `Error` for reviews that the simulator does not support. */
export function reviewAccess(
  request: ApiRequest,
  rules: readonly AccessRule[] | undefined,
  now: Date,
): Record<string, unknown> {
  const body = parseSubmitted(request);
  const spec = isJsonObject(body['spec']) ? body['spec'] : {};
  const { resourceAttributes: asked, nonResourceAttributes } = spec;
  if (nonResourceAttributes !== undefined) {
    throw new Error('the simulator does not support access reviews of non-resource paths');
  }
  if (!isJsonObject(asked)) throw unasked();
  const text = (field: string): string => textOf(asked[field]);
  const subresource = text('subresource');
  const resource = text('resource') + (subresource === '' ? '' : `/${subresource}`);
  const [verb, group] = [text('verb'), text('group')];
  const [namespace, name] = [text('namespace'), text('name')];
  const attempt = { user: request.user, verb, group, resource, namespace, name };
  const states = { live: undefined, next: { ...body, metadata: {} } };
  const writer = { manager: request.manager, now };
  return {
    kind: SELF_SUBJECT_ACCESS_REVIEWS.kind,
    apiVersion: apiVersionOf(SELF_SUBJECT_ACCESS_REVIEWS),
    metadata: { managedFields: ownersAfterUpdate(SELF_SUBJECT_ACCESS_REVIEWS, states, writer) },
    spec,
    status: { allowed: isAllowed(rules, attempt) },
  };
}

function unasked(): ApiFailure {
  const why = 'exactly one of nonResourceAttributes or resourceAttributes must be specified';
  const message = `Invalid value: null: ${why}`;
  const cause = { reason: 'FieldValueInvalid', message, field: 'spec.resourceAttributes' };
  return invalid('', '', [cause], SELF_SUBJECT_ACCESS_REVIEWS.group);
}
