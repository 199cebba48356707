/** An API server in which only the namespaces with a label are to be seen: what is not seen is not touched. */
import type { ApiServerConnection } from '../../src/kubernetes/wire/wire.ts';

const NAMESPACES = '/api/v1/namespaces?';

/** The server itself leaves the others out of lists and watches. Objects in namespaces that are not seen mean nothing. */
export function scopedTo(access: ApiServerConnection, labelSelector: string): ApiServerConnection {
  return {
    address: access.address,
    openWire(needs) {
      const wire = access.openWire(needs);
      return {
        send: (request) => wire.send({ ...request, path: scoped(request.path, labelSelector) }),
        close: () => wire.close(),
      };
    },
  };
}

function scoped(path: string, labelSelector: string): string {
  if (!path.startsWith(NAMESPACES)) return path;
  return `${path}&labelSelector=${encodeURIComponent(labelSelector)}`;
}
