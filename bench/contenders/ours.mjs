/** Set up as in the section "Use" of README.md. */
export function configOf({ tokenUrl, apiUrl, clientId, clientSecret, scope }) {
  return { tokenUrl, apiOrigins: [apiUrl], clientId, clientSecret, scope };
}

/** What our clients have in common. Each is in a file of its own: a program loads only the one that it uses. */
export const ours = { part: 'ours', token: 'own', note: 'Also adds an X-Request-ID to every request.' };
