// What stands in for the network on the hot path. Each does what its client's transport must do before and after the
// network itself: take in the request's headers, and make an answer. Less than that would measure nothing a user has.

const BODY = '{"aspsps":[]}';

/** As the standard says, fetch begins by making a Request of what it is given, and ends by making a Response. */
export async function stubFetch(input, init) {
  const request = new Request(input, init);
  request.headers.get('authorization');
  return new Response(BODY, { status: 200, headers: { 'content-type': 'application/json' } });
}

/** Does nothing at all, for a figure of what the wrapper costs by itself. */
export async function emptyFetch() {
  return EMPTY_ANSWER;
}
const EMPTY_ANSWER = new Response(null);

/** What axios' adapters hand back: the answer with the request that it came from, headers as a plain object. */
export async function stubAdapter(config) {
  config.headers.get('Authorization');
  return {
    data: BODY,
    status: 200,
    statusText: 'OK',
    headers: { 'content-type': 'application/json' },
    config,
    request: {},
  };
}

/** An undici dispatch that answers at once. */
export function stubDispatch(options, handler) {
  void options.headers;
  handler.onRequestStart?.({ aborted: false, paused: false, abort() {}, pause() {}, resume() {} }, {});
  handler.onResponseStart?.({ resume() {}, pause() {} }, 200, { 'content-type': 'application/json' }, 'OK');
  handler.onResponseData?.({}, Buffer.from(BODY));
  handler.onResponseEnd?.({}, {});
  return true;
}

/** The end of an Azure pipeline. */
export function stubHttpClient(createHttpHeaders) {
  return {
    async sendRequest(request) {
      request.headers.get('authorization');
      return {
        request,
        status: 200,
        headers: createHttpHeaders({ 'content-type': 'application/json' }),
        bodyAsText: BODY,
      };
    },
  };
}
