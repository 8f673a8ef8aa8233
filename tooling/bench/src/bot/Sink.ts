import { createServer } from "node:http"

export interface Sink {
  /** For `SLACK_API_URL`. */
  readonly url: string
  /** For a command: what is said there is counted. */
  readonly responseUrl: string
  readonly answers: () => number
  readonly close: () => Promise<void>
}

/** A Slack that takes everything, at next to no cost. */
export const startSink = async (): Promise<Sink> => {
  let answers = 0
  const server = createServer((request, response) => {
    if (request.url === "/response") answers++
    request.resume().once("end", () => response.setHeader("content-type", "application/json").end(reply))
  })
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  const address = server.address()
  const url = `http://127.0.0.1:${typeof address === "object" ? address?.port : 0}`
  return {
    url: `${url}/api/`,
    responseUrl: `${url}/response`,
    answers: () => answers,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      })
  }
}

const reply = JSON.stringify({ ok: true, user_id: "U0", bot_id: "B0", team_id: "T0", ts: "1.1", channel: "C0" })
