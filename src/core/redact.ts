/**
 * The text without what is secret in it: user and password of addresses, and tokens in their queries. Rather too much is
 * hidden than too little: a password may have an `@` or a `/` of its own, which only an escape makes a proper address.
 */
export function redact(text: string): string {
  return text
    .replace(/([a-z][a-z0-9+.-]*:\/\/)[^\s/?#"]*@/gi, '$1***@')
    .replace(/([a-z][a-z0-9+.-]*:\/\/)[^\s/?#"@:]*:(?!\d+(?:[/?#\s"]|$))[^\s"]*@/gi, '$1***@')
    .replace(
      /([?&](?:key|token|password|passwd|secret|signature|sig|auth|x-amz-[a-z-]+)=)[^&\s"']+/gi,
      '$1***',
    );
}
