/**
 * For Node alone: what production's client certificate needs. The main entry imports nothing of Node.
 *
 * @packageDocumentation
 */
export { type ClientCertificate, clientCertificate } from './client-certificate.js';
export type { ClientCertificateOptions, PemCertificate, PfxCertificate } from './key-material.js';
