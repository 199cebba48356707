/** An API server that shows only the namespaces with a label: the controller touches nothing that it does not see. */
import type { ApiServerConnection } from '../../src/kubernetes/wire/wire.ts';

const NAMESPACES = '/api/v1/namespaces?';

/** The server itself omits the others from lists and watches. Objects in unseen namespaces have no effect. */
export function scopedTo(
  apiServer: ApiServerConnection,
  labelSelector: string,
): ApiServerConnection {
  return {
    address: apiServer.address,
    openWire(needs) {
      const wire = apiServer.openWire(needs);
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
