export {
  type CertificateDemand,
  type SandboxCertificate,
  sandboxCertificate,
} from './certificate/client-certificate.js';
export type {
  BodyFault,
  EmptyFault,
  HangFault,
  HtmlFault,
  RedirectFault,
  ResetFault,
  SandboxFault,
  SandboxFaultTarget,
  SlowFault,
  StatusFault,
  UnauthorizedFault,
  WrongSecretFault,
} from './faults/fault.js';
export type { SandboxClient } from './hosts/client.js';
export type { SandboxHost } from './hosts/host.js';
export type { UnauthorizedShape } from './hosts/unauthorized.js';
export type { SandboxOptions } from './options.js';
export type { SandboxExchange } from './records/exchange.js';
export type { RecordedRequest } from './records/recorded-requests.js';
export type { SandboxStats } from './records/stats.js';
export type { Sandbox, SandboxConfig } from './sandbox.js';
export { startSandbox } from './start-sandbox.js';
