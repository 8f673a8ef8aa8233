import { createServer } from "node:http"
import { onTestFinished } from "vitest"

export interface FakeGitHub {
  /** What the runner puts into the environment. */
  readonly env: { readonly [name: string]: string }
  /** Reads who approved a run. */
  readonly token: string
  /** Writes secrets. */
  readonly secretsToken: string
  /** Answers by path; what is not here is not found. */
  readonly answers: Map<string, Answer>
  readonly asked: Array<string>
  /** Values of Actions secrets by path, opened with GitHub's half of the key. */
  readonly secrets: Map<string, string>
  /** By method and path, before anything else. `lost`: done, and the connection cut. */
  readonly faults: Array<{ readonly match: RegExp; readonly with: Answer | "lost" }>
}

interface Answer {
  readonly status: number
  readonly body?: unknown
  readonly headers?: { readonly [name: string]: string }
}

/** As much of GitHub's API as the step uses, on a socket. Without the right token everything is forbidden. */
export const makeGitHub = async (): Promise<FakeGitHub> => {
  const { default: sodium } = await import("libsodium-wrappers")
  await sodium.ready
  const pair = sodium.crypto_box_keypair()
  const base64 = sodium.base64_variants.ORIGINAL
  const fake = {
    token: "ghs_0123456789abcdefghijklmnopqrstuvwxyz",
    secretsToken: "github_pat_0123456789abcdefghijklmnopqrstuvwxyz",
    answers: new Map(),
    asked: [],
    secrets: new Map(),
    faults: []
  } satisfies Omit<FakeGitHub, "env">
  const github: Omit<FakeGitHub, "env"> = fake

  const save = (path: string, body: string): Answer => {
    const { encrypted_value: sealed, key_id: keyId } = JSON.parse(body)
    if (keyId !== "key-1") return { status: 422, body: { message: "Bad request" } }
    const status = github.secrets.has(path) ? 204 : 201
    const box = sodium.from_base64(sealed, base64)
    github.secrets.set(path, sodium.to_string(sodium.crypto_box_seal_open(box, pair.publicKey, pair.privateKey)))
    return { status }
  }
  const answerTo = (method: string, path: string, token: string, body: string): Answer => {
    const secret = path.includes("/secrets/")
    if (token !== `Bearer ${secret ? github.secretsToken : github.token}`)
      return { status: 403, body: { message: "Resource not accessible by integration" } }
    if (secret && method === "PUT") return save(path, body)
    if (path.endsWith("/secrets/public-key"))
      return { status: 200, body: { key_id: "key-1", key: sodium.to_base64(pair.publicKey, base64) } }
    return github.answers.get(path) ?? { status: 404, body: { message: "Not Found" } }
  }

  const server = createServer((request, response) => {
    const { headers, method = "", url = "" } = request
    github.asked.push(`${method} ${url}`)
    let sent = ""
    request.on("data", (chunk) => (sent += String(chunk)))
    request.on("end", () => {
      const fault = github.faults.find(({ match }) => match.test(`${method} ${url}`))?.with
      const answer = typeof fault === "object" ? fault : answerTo(method, url, headers.authorization ?? "", sent)
      if (fault === "lost") return response.destroy()
      return response
        .writeHead(answer.status, { "content-type": "application/json", ...answer.headers })
        .end(answer.body === undefined ? undefined : JSON.stringify(answer.body))
    })
  })
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  const address = server.address()
  const port = typeof address === "object" && address !== null ? address.port : 0
  const env = { GITHUB_API_URL: `http://127.0.0.1:${port}`, GITHUB_REPOSITORY: "alice/keys", GITHUB_RUN_ID: "7" }
  return { ...github, env }
}

/** One approval as GitHub tells it. */
export const approvalBy = (login: string, environment: string, state = "approved") => ({
  state,
  comment: "::error::pwned",
  user: { login, id: 1 },
  environments: [{ id: 1, name: environment }]
})
