export { type CertificateDemand, type SandboxCertificate, sandboxCertificate } from './client-certificate.js';
export type { SandboxExchange } from './exchange.js';
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
} from './fault.js';
export type { SandboxHost } from './host.js';
export type { SandboxClient, SandboxOptions } from './options.js';
export type { RecordedRequest } from './recorded-requests.js';
export type { Sandbox, SandboxConfig } from './sandbox.js';
export { startSandbox } from './start-sandbox.js';
export type { SandboxStats } from './stats.js';
export type { UnauthorizedShape } from './unauthorized.js';
