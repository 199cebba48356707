/** Calls a hook right before a request goes out on its connection, however long it has waited for one. */
import type { Dispatcher } from 'undici';

/** If `onStart` throws, the request rejects with what it threw, and nothing is sent. */
export function withStartHook(dispatcher: Dispatcher, onStart: () => void): Dispatcher {
  return dispatcher.compose(
    (dispatch) => (options, handler) => dispatch(options, hooked(handler, onStart)),
  );
}

function hooked(handler: Dispatcher.DispatchHandler, onStart: () => void) {
  return {
    onRequestStart(controller, context) {
      onStart();
      handler.onRequestStart?.(controller, context);
    },
    onResponseStart: (...args) => handler.onResponseStart?.(...args),
    onResponseData: (...args) => handler.onResponseData?.(...args),
    onResponseEnd: (...args) => handler.onResponseEnd?.(...args),
    onResponseError: (...args) => handler.onResponseError?.(...args),
  } satisfies Dispatcher.DispatchHandler;
}
