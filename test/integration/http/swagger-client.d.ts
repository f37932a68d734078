declare module 'swagger-client' {
  type Call = (
    parameters: object,
    more?: object,
  ) => Promise<{ readonly status: number; readonly obj: unknown; readonly text: string }>;
  /** A client made of a description: calls by tag and operation. */
  export default function SwaggerClient(options: {
    readonly url: string;
    readonly authorizations?: Readonly<Record<string, string>>;
  }): Promise<{ readonly apis: Readonly<Record<string, Readonly<Record<string, Call>>>> }>;
}
