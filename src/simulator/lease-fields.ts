/** The spec of a Lease: times to the microsecond, numbers with a lower bound. */
import { mapOf, type JsonObject } from './api-object.ts';
import type { StatusCause } from './api-failure.ts';

const TIMES = ['acquireTime', 'renewTime'] as const;
const NUMBERS = ['leaseDurationSeconds', 'leaseTransitions'] as const;
const LAYOUT = '2006-01-02T15:04:05.000000Z07:00';

/** Times go out in UTC with six digits of the second, whatever their zone was. */
export function withLeaseDefaults(lease: JsonObject): JsonObject {
  const present = Object.entries(mapOf(lease['spec'])).filter(([, value]) => value !== null);
  const spec: Record<string, unknown> = Object.fromEntries(present);
  for (const field of TIMES) {
    const time = spec[field];
    if (typeof time === 'string') spec[field] = inUtc(time);
  }
  return { ...lease, spec };
}

/** Text where a number belongs, in the words of the server's merge; `undefined`: none. */
export function ofNoNumber(lease: JsonObject): string | undefined {
  const spec = mapOf(lease['spec']);
  const field = NUMBERS.find((one) => typeof spec[one] === 'string');
  return field && `.spec.${field}: expected numeric (int or float), got string`;
}

/** What can't be read as a Lease, in the words of the server's decoder; `undefined`: nothing. */
export function ofWrongType(lease: JsonObject): string | undefined {
  const spec = mapOf(lease['spec']);
  const misfit = (field: string, type: string): string =>
    `json: cannot unmarshal ${goTypeOf(spec[field])} into Go struct field LeaseSpec.spec.${field} of type ${type}`;
  // A time that can't be read ends the decoding, a field of another type only its own.
  const malformed = TIMES.map((field) => malformedTime(spec[field])).find(isGiven);
  if (malformed !== undefined) return malformed;
  for (const field of NUMBERS) {
    if (isGiven(spec[field]) && !Number.isInteger(spec[field])) return misfit(field, 'int32');
  }
  for (const field of ['holderIdentity', ...TIMES]) {
    if (isGiven(spec[field]) && typeof spec[field] !== 'string') return misfit(field, 'string');
  }
  return undefined;
}

export function leaseFaults(lease: JsonObject): StatusCause[] {
  const { leaseDurationSeconds, leaseTransitions } = mapOf(lease['spec']);
  const faults: StatusCause[] = [];
  const refuse = (field: string, value: number, why: string): void => {
    const message = `Invalid value: ${value}: must be ${why} 0`;
    faults.push({ reason: 'FieldValueInvalid', message, field: `spec.${field}` });
  };
  if (typeof leaseDurationSeconds === 'number' && leaseDurationSeconds <= 0) {
    refuse('leaseDurationSeconds', leaseDurationSeconds, 'greater than');
  }
  if (typeof leaseTransitions === 'number' && leaseTransitions < 0) {
    refuse('leaseTransitions', leaseTransitions, 'greater than or equal to');
  }
  return faults;
}

function malformedTime(time: unknown): string | undefined {
  if (typeof time !== 'string') return undefined;
  const [date] = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d/.exec(time) ?? [];
  const rest = time.slice(date?.length ?? 0);
  const [fraction] = /^[.,]\d{6}/.exec(rest) ?? [];
  const zone = rest.slice(fraction?.length ?? 0);
  const fault = (unread: string, wanted: string): string =>
    `parsing time ${JSON.stringify(time)} as "${LAYOUT}": cannot parse "${unread}" as "${wanted}"`;
  if (date === undefined) return fault(time, '2006');
  if (fraction === undefined) return fault(rest, '.000000');
  return /^(Z|[+-]\d\d:\d\d)$/.test(zone) ? undefined : fault(zone, 'Z07:00');
}

/** A `Date` has no microseconds: the digits of the second are kept as they are. */
function inUtc(time: string): string {
  const [, seconds = '', digits = '', zone = ''] = /^(.*)[.,](\d{6})(.*)$/.exec(time) ?? [];
  return new Date(seconds + zone).toISOString().replace(/\.\d+Z$/, `.${digits}Z`);
}

function isGiven(value: unknown): boolean {
  return value !== undefined && value !== null;
}

function goTypeOf(value: unknown): string {
  if (typeof value === 'number') return Number.isInteger(value) ? 'number' : `number ${value}`;
  if (typeof value === 'boolean') return 'bool';
  if (typeof value === 'string') return 'string';
  return Array.isArray(value) ? 'array' : 'object';
}
