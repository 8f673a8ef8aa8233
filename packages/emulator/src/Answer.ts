/** One reply, ready for the socket. */
export interface Answer {
  readonly status: number
  readonly headers: { readonly [name: string]: string }
  readonly body: string
}

export const json = (status: number, value: unknown): Answer => ({
  status,
  headers: { "content-type": "application/json" },
  body: JSON.stringify(value)
})

export const html = (status: number, page: string): Answer => ({
  status,
  headers: { "content-type": "text/html; charset=UTF-8" },
  body: page
})

export const withHeaders = (answer: Answer, headers: { readonly [name: string]: string }): Answer => ({
  ...answer,
  headers: { ...answer.headers, ...headers }
})

/** What an edge in front of the service shows instead of an answer: no JSON, no `X-RateLimit-*`. */
export const challengePage = `<!DOCTYPE html>
<html lang="en-US"><head><title>Just a moment...</title><meta name="robots" content="noindex,nofollow"></head>
<body><h1>Checking your browser before accessing this site</h1><p>Enable JavaScript and cookies to continue</p></body></html>
`

export const badGatewayPage = `<!DOCTYPE html>
<html lang="en-US"><head><title>502: Bad gateway</title></head>
<body><h1>Bad gateway</h1><p>The web server reported a bad gateway error.</p></body></html>
`
