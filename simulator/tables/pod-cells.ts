/** Cells of the Pod table, for the parts of a Pod's status that the simulator has. */
import { isJsonObject, type JsonObject } from '../objects/api-object.ts';

/** `1/2`: how many of its containers are ready. */
export function podReadiness(pod: JsonObject): string {
  const containers = listAt(pod['spec'], 'containers');
  const ready = statusesOf(pod).filter((status) => status['ready'] === true);
  return `${ready.length}/${containers.length}`;
}

/** The reason for waiting or termination, else the phase. */
export function podStatus(pod: JsonObject): string {
  const status = objectOf(pod['status']);
  const { deletionTimestamp } = objectOf(pod['metadata']);
  if (deletionTimestamp !== undefined) return 'Terminating';
  const [reason] = statusesOf(pod).flatMap(reasonsOf);
  return reason ?? textOf(status['reason']) ?? textOf(status['phase']) ?? '';
}

export function podRestarts(pod: JsonObject): string {
  const counts = statusesOf(pod).map((status) => Number(status['restartCount'] ?? 0));
  return String(counts.reduce((sum, count) => sum + count, 0));
}

function reasonsOf(status: JsonObject): readonly string[] {
  const { waiting, terminated } = objectOf(status['state']);
  const reason = textOf(objectOf(waiting)['reason']) ?? textOf(objectOf(terminated)['reason']);
  return reason === undefined ? [] : [reason];
}

function statusesOf(pod: JsonObject): readonly JsonObject[] {
  return listAt(pod['status'], 'containerStatuses');
}

function listAt(value: unknown, field: string): readonly JsonObject[] {
  const list = objectOf(value)[field];
  return Array.isArray(list) ? list.filter(isJsonObject) : [];
}

function objectOf(value: unknown): JsonObject {
  return isJsonObject(value) ? value : {};
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}
