/** Asks once more right before a request goes onto its connection: it may have waited for one, for how long nobody knows. */
import type { Dispatcher } from 'undici';

/** What `onStart` throws is what the request rejects with, and nothing of it is sent. */
export function askedBeforeStart(dispatcher: Dispatcher, onStart: () => void): Dispatcher {
  return dispatcher.compose(
    (dispatch) => (options, handler) => dispatch(options, asking(handler, onStart)),
  );
}

function asking(handler: Dispatcher.DispatchHandler, onStart: () => void) {
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
