/** Whether a write is only to be tried: `dryRun=All` checks and answers everything, and commits nothing. */
import type { ApiRequest } from './api-request.ts';
import { parseBody } from './request-body.ts';

/** In a deletion with a body the body decides: a real server ignores the query then, and deletes. */
export function isDryRun(request: ApiRequest): boolean {
  const { verb, body, query } = request;
  const asked =
    verb === 'delete' && body !== '' ? parseBody(request)['dryRun'] : query.getAll('dryRun');
  const stages: readonly unknown[] = Array.isArray(asked) ? asked : [];
  if (stages.some((stage) => stage !== 'All')) {
    throw new Error('the simulator supports no other dry run than All');
  }
  return stages.length > 0;
}
