import { signed } from "@keysweep/testkit/SlackSignature"
import { Agent, request } from "node:http"
import { setTimeout as pause } from "node:timers/promises"

export interface CommandStream {
  readonly endpoint: string
  readonly signingSecret: string
  readonly responseUrl: string
  readonly perSecond: number
  readonly count: number
  /** Taken in turn. */
  readonly texts: ReadonlyArray<string>
  readonly users: ReadonlyArray<string>
}

/** Sends commands at a steady pace, whatever becomes of those before; milliseconds to the end of each answer. */
export const acknowledgements = async (stream: CommandStream): Promise<ReadonlyArray<number>> => {
  const agent = new Agent({ keepAlive: true })
  const began = performance.now()
  const took: Array<Promise<number>> = []
  for (let count = 0; count < stream.count; count++) {
    await pause(Math.max(0, began + (count * 1000) / stream.perSecond - performance.now()))
    took.push(acknowledged(agent, stream, count))
  }
  const all = await Promise.all(took)
  agent.destroy()
  return all
}

let commands = 0

const acknowledged = (agent: Agent, stream: CommandStream, count: number): Promise<number> => {
  const form = new URLSearchParams({
    team_id: "T0",
    channel_id: "C0",
    user_id: stream.users[count % stream.users.length] ?? "",
    command: "/keysweep",
    text: stream.texts[count % stream.texts.length] ?? "",
    response_url: stream.responseUrl,
    // No two are signed alike.
    trigger_id: String(++commands)
  }).toString()
  const { body, headers } = signed(stream.signingSecret, Math.floor(Date.now() / 1000), form)
  return new Promise((resolve, reject) => {
    const sent = performance.now()
    const asked = request(stream.endpoint, { method: "POST", headers, agent }, (response) => {
      response.resume().once("end", () => {
        if (response.statusCode === 200) resolve(performance.now() - sent)
        else reject(new Error(`a command was answered with ${response.statusCode}`))
      })
    })
    asked.once("error", reject)
    asked.end(body)
  })
}
