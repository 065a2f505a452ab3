// Stand-ins for the network on the hot path. Each does what its client's transport has to do before and after the
// network itself: read the request's headers and create a response. Anything less would not reflect real use.

const BODY = '{"aspsps":[]}';

/** As the standard specifies, fetch starts by creating a Request from its arguments and ends by creating a Response. */
export async function stubFetch(input, init) {
  const request = new Request(input, init);
  request.headers.get('authorization');
  return new Response(BODY, { status: 200, headers: { 'content-type': 'application/json' } });
}

/** Does nothing at all, to measure the cost of the wrapper itself. */
export async function emptyFetch() {
  return EMPTY_ANSWER;
}
const EMPTY_ANSWER = new Response(null);

/** What axios' adapters return: the response with its request, headers as a plain object. */
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

/** An undici dispatch that responds immediately. */
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
