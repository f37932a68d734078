/** Settings that are never shown. */
export const SECRET_KEYS: ReadonlySet<string> = new Set([
  's3.access_key',
  's3.secret_key',
  'webhooks.secret',
  'client.key',
]);
