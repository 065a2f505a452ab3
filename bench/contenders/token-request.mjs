/** The token request, written by hand, for contenders whose own page leaves it to the application. */
export async function requestToken({ tokenUrl, clientId, clientSecret, scope }) {
  const response = await fetch(tokenUrl, {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'client_credentials',
      client_id: clientId,
      client_secret: clientSecret,
      scope,
    }),
  });
  if (!response.ok) {
    await response.text();
    throw new Error(`The token request failed with HTTP ${response.status}`);
  }
  const { access_token: token, expires_in: seconds } = await response.json();
  return { token, expiresAt: Date.now() + seconds * 1_000 };
}
