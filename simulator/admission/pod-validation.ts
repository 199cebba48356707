/** Faults in a Pod that the server refuses: containers without name or image, and changes to fields fixed at creation. */
import { isDeepStrictEqual } from 'node:util';
import { mapOf, omit, type JsonObject } from '../objects/api-object.ts';
import type { StatusCause } from '../objects/api-failure.ts';

const CHANGEABLE =
  '`spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,' +
  '`spec.tolerations` (only additions to existing tolerations),' +
  '`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)';

export function podFaults(next: JsonObject, live: JsonObject | undefined): StatusCause[] {
  const faults = containerFaults(next);
  if (live === undefined || isDeepStrictEqual(fixedPartOf(next), fixedPartOf(live))) return faults;
  if (containersOf(next).length !== containersOf(live).length) {
    const message = 'Forbidden: pod updates may not add or remove containers';
    return [...faults, { reason: 'FieldValueForbidden', message, field: 'spec.containers' }];
  }
  const message = `Forbidden: pod updates may not change fields other than ${CHANGEABLE}`;
  return [...faults, { reason: 'FieldValueForbidden', message, field: 'spec' }];
}

function containerFaults(pod: JsonObject): StatusCause[] {
  const required = (field: string): StatusCause => ({
    reason: 'FieldValueRequired',
    message: 'Required value',
    field,
  });
  const containers = containersOf(pod);
  if (containers.length === 0) return [required('spec.containers')];
  return containers.flatMap((container, index) =>
    ['name', 'image']
      .filter((field) => !container[field])
      .map((field) => required(`spec.containers[${index}].${field}`)),
  );
}

/** A real server also allows changes to the deadline and others; the simulator allows only changes to images. */
function fixedPartOf(pod: JsonObject): unknown {
  const containers = containersOf(pod).map((container) => omit(container, 'image'));
  return { ...mapOf(pod['spec']), containers };
}

function containersOf(pod: JsonObject): readonly JsonObject[] {
  const { containers } = mapOf(pod['spec']);
  return Array.isArray(containers) ? containers.map(mapOf) : [];
}
