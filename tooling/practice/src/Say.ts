import { parseArgs } from "node:util"
import { defaultPort } from "./Port.ts"
import type { Deed } from "./Stage.ts"

const usage = `pnpm slack:say '/keysweep …' --as U_REQUESTER
pnpm slack:press BUTTON --as U_APPROVER [--message N]
pnpm slack:fill [VALUE | FIELD=VALUE …] --as U_REQUESTER
pnpm slack:look --as U_REQUESTER

  What somebody does in Slack, and what Slack shows then. It needs pnpm slack:practice in another terminal.
  --as WHO      U_REQUESTER, U_APPROVER or U_STRANGER
  --message N   the button of that message; else of the newest that has it
  --port N      where the practice is (default ${defaultPort})
`

const main = async (typed: ReadonlyArray<string>): Promise<number> => {
  const { positionals, values } = parseArgs({
    args: typed.filter((word) => word !== "--"),
    allowPositionals: true,
    options: {
      as: { type: "string" },
      message: { type: "string" },
      port: { type: "string", default: String(defaultPort) },
      help: { type: "boolean", short: "h" }
    }
  })
  const [kind = "", ...rest] = positionals
  const deed = deedOf(kind, rest, values.message)
  if (values.help === true || deed === undefined || values.as === undefined) {
    process.stderr.write(usage)
    return values.help === true ? 0 : 2
  }
  const reply = await fetch(`http://127.0.0.1:${Number(values.port)}/`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ as: values.as, deed })
  }).catch(() => null)
  if (reply === null) {
    process.stderr.write(
      `Nothing practises on port ${values.port}. Start it in another terminal: pnpm slack:practice\n`
    )
    return 1
  }
  const text = `${await reply.text()}\n`
  if (reply.ok) process.stdout.write(text)
  else process.stderr.write(text)
  return reply.ok ? 0 : 1
}

const deedOf = (kind: string, rest: ReadonlyArray<string>, message: string | undefined): Deed | undefined => {
  const [first, second] = rest
  switch (kind) {
    case "say":
      return first === undefined || second !== undefined ? undefined : { kind, text: first }
    case "press":
      return first === undefined || second !== undefined
        ? undefined
        : { kind, button: first, message: message === undefined ? undefined : Number(message) }
    case "fill":
      return { kind, values: rest }
    case "look":
      return first === undefined ? { kind } : undefined
    default:
      return undefined
  }
}

process.exitCode = await main(process.argv.slice(2)).catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : ""}\n${usage}`)
  return 2
})
