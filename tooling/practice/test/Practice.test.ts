import { execFile, spawn } from "node:child_process"
import { once } from "node:events"
import { connect } from "node:net"
import { createInterface } from "node:readline"
import { fileURLToPath } from "node:url"
import { promisify } from "node:util"
import { afterAll, assert, beforeAll, it } from "vitest"

const program = (name: string) => fileURLToPath(new URL(`../dist/${name}.js`, import.meta.url))
const practice = spawn(process.execPath, [program("Main"), "--port=0", "--rest=200"], {
  stdio: ["ignore", "pipe", "inherit"]
})
const over = once(practice, "close")
let port = ""

beforeAll(async () => {
  port = await new Promise((resolve, reject) => {
    createInterface({ input: practice.stdout }).on("line", (line) => {
      const found = /^Ready on port (\d+)/.exec(line)?.[1]
      if (found !== undefined) resolve(found)
    })
    practice.once("close", () => reject(new Error("the practice ended before it was ready")))
  })
})
afterAll(async () => {
  practice.kill("SIGTERM")
  assert.deepStrictEqual(await over, [0, null])
})

/** What the command prints; on standard error where it could not be done. */
const typed = async (...words: ReadonlyArray<string>): Promise<string> => {
  const run = promisify(execFile)(process.execPath, [program("Say"), ...words, "--port", port])
  return run.then(
    ({ stdout }) => stdout,
    ({ stderr }) => `✗ ${stderr}`
  )
}

/** Until Slack shows it: a busy machine may show a step before. */
const seen = async (what: RegExp, look: () => Promise<string>): Promise<string> => {
  for (;;) {
    const text = await look()
    if (what.test(text)) return text
  }
}

it("a deletion with a second person, played through the commands, as Slack would show it", async () => {
  const looked = () => typed("look", "--as", "U_REQUESTER")
  const [requester, approver] = [
    ["--as", "U_REQUESTER"],
    ["--as", "U_APPROVER"]
  ]
  assert.match(await typed("look", ...requester), /Nothing has been said yet/)
  assert.match(
    await typed("say", "/keysweep list", "--as", "U_STRANGER"),
    /Only stranger sees this:[^]*not among the people/
  )
  await typed("say", "/keysweep list", ...requester)
  assert.match(await seen(/12 keys/, looked), /Only requester sees this:[^]*github-ci: active/)

  await typed("say", "/keysweep delete key:github-ci reason:practice", ...requester)
  assert.match(await seen(/Plan: delete 1 key/, looked), /#keys, message 1:[^]*\[Confirm…\] {2}\[Cancel\]/)
  await typed("press", "Confirm", ...requester)
  const form = await seen(/requester sees a form/, looked)
  const phrase = /delete 1 acct_[a-z2-7]{16}/.exec(form)?.[0] ?? ""
  assert.match(await typed("fill", "delete it", ...requester), /✗ This is not the phrase/)
  await typed("fill", `phrase=${phrase}`, ...requester)
  await seen(/Waiting for another person/, looked)
  await typed("press", "approve", ...requester)
  await seen(/Nobody approves their own request/, looked)
  await typed("press", "Approve", ...approver)
  const done = await seen(/Done: delete 1 key/, looked)
  assert.match(done, /✓ github-ci: deleted/)
  assert.notMatch(done, /\[Approve\]/)
  await typed("say", "/keysweep list", ...requester)
  await seen(/11 keys/, looked)
})

it("goes on when somebody hangs up in the middle of what they say", async () => {
  const socket = connect(Number(port), "127.0.0.1")
  socket.end("POST / HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 9\r\n\r\n{")
  await once(socket.resume(), "close")
  assert.notMatch(await typed("look", "--as", "U_REQUESTER"), /✗/)
})

it("says what cannot be done, and how it can", async () => {
  assert.match(await typed("press", "Dismiss", "--as", "U_APPROVER"), /^✗ No message has the button Dismiss/)
  assert.match(await typed("fill", "yes", "--as", "U_APPROVER"), /^✗ approver sees no form/)
  assert.match(
    await typed("say", "/keysweep list", "--as", "U_NOBODY"),
    /^✗ Nobody is called U_NOBODY. There are: requester/
  )
  assert.match(await typed("say", "/deploy", "--as", "U_APPROVER"), /^✗ Only \/keysweep/)
  assert.match(await typed("say", "--as", "U_APPROVER"), /^✗ pnpm slack:say/)
})
