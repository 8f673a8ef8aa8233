import { createServer } from "node:http"
import { onTestFinished } from "vitest"

export interface FakeGitHub {
  /** What the runner puts into the environment. */
  readonly env: { readonly [name: string]: string }
  readonly token: string
  /** Answers by path, with a status; what is not here is not found. */
  readonly answers: Map<string, { readonly status: number; readonly body: unknown }>
  readonly asked: Array<string>
}

/** As much of GitHub's API as the step reads, on a socket. Without the right token everything is forbidden. */
export const makeGitHub = async (): Promise<FakeGitHub> => {
  const token = "ghs_0123456789abcdefghijklmnopqrstuvwxyz"
  const answers: FakeGitHub["answers"] = new Map()
  const asked: Array<string> = []
  const server = createServer((request, response) => {
    const path = request.url ?? ""
    asked.push(`${request.method} ${path}`)
    const allowed = request.headers.authorization === `Bearer ${token}`
    const { body, status } = allowed
      ? (answers.get(path) ?? { status: 404, body: { message: "Not Found" } })
      : { status: 403, body: { message: "Resource not accessible by integration" } }
    response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body))
  })
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  onTestFinished(() => void server.close())
  const address = server.address()
  const port = typeof address === "object" && address !== null ? address.port : 0
  const env = { GITHUB_API_URL: `http://127.0.0.1:${port}`, GITHUB_REPOSITORY: "alice/keys", GITHUB_RUN_ID: "7" }
  return { env, token, answers, asked }
}

/** One approval as GitHub tells it. */
export const approvalBy = (login: string, environment: string, state = "approved") => ({
  state,
  comment: "::error::pwned",
  user: { login, id: 1 },
  environments: [{ id: 1, name: environment }]
})
