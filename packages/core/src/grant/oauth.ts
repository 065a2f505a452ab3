/**
 * Everything used of oauth4webapi. The build inlines it here and nowhere else: a second copy would have error classes of
 * its own, which `instanceof` does not recognise.
 */
export {
  allowInsecureRequests,
  type ClientAuth,
  ClientSecretPost,
  type CustomFetchOptions,
  clientCredentialsGrantRequest,
  customFetch,
  None,
  OperationProcessingError,
  PARSE_ERROR,
  processClientCredentialsResponse,
  ResponseBodyError,
  type TokenEndpointResponse,
  UnsupportedOperationError,
} from 'oauth4webapi';
