/**
 * For Node only: the client certificate that production requires, and a token store in files. The main entry imports nothing
 * of Node.
 *
 * @packageDocumentation
 */
export { type ClientCertificate, clientCertificate } from './certificate/client-certificate.js';
export type { ClientCertificateOptions, PemCertificate, PfxCertificate } from './certificate/key-material.js';
export { fileTokenStore } from './store/file-store.js';
